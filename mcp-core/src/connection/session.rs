//! The session of a connection: what its one handshake agreed on.

use super::queue::WeakQueue;
use crate::{
    ask::{AskError, AskErrorKind, Question},
    call::{AskClient, Link, Questions},
    governor::{Budget, Governor, Payer},
    peer::BoxFuture,
    protocol::{Cancelled, Notification, RawJson, RequestId, ResponseMessage, Revision},
    request::{Client, Handshake},
};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// What was agreed on, and the questions that wait for the client.
pub(super) struct Agreed {
    pub(super) revision: Revision,
    pub(super) client: Client,
    /// Whether the client has said that it is ready, or has shown it.
    ready: AtomicBool,
    questions: Questions,
    next: AtomicI64,
    governor: Governor,
    payer: Payer,
    /// For questions that are taken back.
    queue: WeakQueue,
}

impl Agreed {
    pub(super) fn new(
        handshake: Handshake,
        governor: Governor,
        payer: Payer,
        queue: WeakQueue,
    ) -> Self {
        Self {
            revision: handshake.revision,
            client: handshake.client,
            ready: AtomicBool::new(false),
            questions: Questions::default(),
            next: AtomicI64::new(1),
            governor,
            payer,
            queue,
        }
    }

    /// Takes note that the client can be told things.
    pub(super) fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    pub(super) fn answer(&self, response: &ResponseMessage) {
        self.questions.answer(response);
    }

    /// Answers all questions with their end.
    pub(super) fn end(&self) {
        self.questions.end();
    }

    async fn ask_client(&self, link: &Link, question: Question) -> Result<RawJson, AskError> {
        let permit = self.governor.acquire(Budget::Questions, &self.payer, 1);
        let _permit = permit.map_err(|_| AskError::too_many())?;
        let id = RequestId::from(self.next.fetch_add(1, Ordering::Relaxed));
        let mut asked = Asked {
            id: Some(id.clone()),
            queue: &self.queue,
        };
        let answer = self.questions.ask(id, link, question).await;
        if !matches!(&answer, Err(error) if error.kind() == AskErrorKind::TimedOut) {
            asked.id = None;
        }
        answer
    }
}

/// A question that nobody waits for any more is taken back.
struct Asked<'a> {
    id: Option<RequestId>,
    queue: &'a WeakQueue,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let cancelled = self.id.take().map(Cancelled::new);
        let cancelled =
            cancelled.and_then(|cancelled| Notification::new(Cancelled::METHOD, &cancelled).ok());
        if let Some(cancelled) = cancelled {
            // A client that has left no room for it may answer in vain.
            self.queue.try_send(|line| cancelled.write(line));
        }
    }
}

impl AskClient for Agreed {
    fn ask<'a>(
        &'a self,
        link: &'a Link,
        question: Question,
    ) -> BoxFuture<'a, Result<RawJson, AskError>> {
        Box::pin(self.ask_client(link, question))
    }
}
