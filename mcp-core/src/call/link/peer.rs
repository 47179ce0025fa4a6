//! What a handler has of its link.

use super::{Full, Link, Questions, Queued};
use crate::{
    ask::{AskError, Question},
    peer::{BoxFuture, Peer},
    protocol::{Notification, RawJson},
    round::Rounds,
};
use std::{sync::atomic::Ordering, time::Duration};

impl Peer for Link {
    fn emit(&self, notification: Notification) -> BoxFuture<'_, ()> {
        match self.enqueue(notification) {
            Ok(()) => Box::pin(std::future::ready(())),
            // A reader that has used up its time gets no more until it reads again.
            Err(_) if self.lock().stalled => Box::pin(std::future::ready(())),
            Err(full) => Box::pin(self.emit_within(full.into(), Self::STALL)),
        }
    }

    fn flushed(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            loop {
                let changed = self.changed.notified();
                let mut changed = std::pin::pin!(changed);
                changed.as_mut().enable();
                if !self.has_queued() {
                    return;
                }
                changed.await;
            }
        })
    }

    fn try_emit(&self, notification: Notification) -> Result<(), Notification> {
        self.enqueue(notification).map_err(Full::into)
    }

    fn close_stream(&self, retry: Duration) -> bool {
        self.resumable && self.push(Queued::HangUp(retry))
    }

    fn ask(&self, question: Question) -> BoxFuture<'_, Result<RawJson, AskError>> {
        match &self.questions {
            Questions::Nobody => Box::pin(std::future::ready(Err(AskError::nobody()))),
            Questions::Client(client) => client.ask(self, question),
            Questions::Rounds(rounds) => {
                let key = question.key.clone();
                match rounds.ask(question) {
                    Ok(Some(answer)) => Box::pin(std::future::ready(Ok(answer))),
                    // The call is suspended around this await, and dropped with it.
                    Ok(None) => Box::pin(rounds.wait(key)),
                    Err(error) => Box::pin(std::future::ready(Err(error))),
                }
            }
        }
    }

    fn rounds(&self) -> Option<&Rounds> {
        match &self.questions {
            Questions::Rounds(rounds) => Some(rounds),
            Questions::Nobody | Questions::Client(_) => None,
        }
    }

    fn cancelled(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            loop {
                changed.as_mut().enable();
                if self.is_cancelled() {
                    return;
                }
                changed.as_mut().await;
                changed.set(self.changed.notified());
            }
        })
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }
}
