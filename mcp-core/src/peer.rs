//! Whoever listens to a call.

use crate::{
    ask::{AskError, Question},
    protocol::{Notification, RawJson},
    refusal::Refusal,
    request::Facts,
    round::{Rounds, Suspension},
};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// A boxed future, as object-safe traits return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The seam between a handler's [`Context`](crate::Context) and whoever listens: a stream of a
/// session, the rounds of a stateless call, a task's record, a test.
///
/// A handler never knows which it is.
pub trait Peer: Send + Sync + 'static {
    /// Tells the client something while the call runs.
    ///
    /// Completes when the notification is queued, or dropped because nobody listens or the reader
    /// has stalled for too long. Dropping the future may drop the notification.
    fn emit(&self, notification: Notification) -> BoxFuture<'_, ()>;

    /// Completes when a reader has taken everything that was emitted, or nobody reads.
    fn flushed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Tells the client something without waiting: gives the notification back when there is no
    /// room for it.
    ///
    /// # Errors
    /// The notification.
    fn try_emit(&self, notification: Notification) -> Result<(), Notification> {
        let mut emitted = self.emit(notification.clone());
        let mut cx = Context::from_waker(Waker::noop());
        match emitted.as_mut().poll(&mut cx) {
            Poll::Ready(()) => Ok(()),
            Poll::Pending => Err(notification),
        }
    }

    /// Ends the stream of the call, and not the call: see
    /// [`Context::close_stream`](crate::Context::close_stream). Tells whether the client can come
    /// back to it.
    fn close_stream(&self, retry: Duration) -> bool {
        let _ = retry;
        false
    }

    /// Asks the client something and waits for the answer.
    ///
    /// A question whose answer comes with another request never completes: the call is suspended
    /// below all layers and the handler runs again.
    ///
    /// # Errors
    /// When it cannot be asked, or the client answers with an error.
    fn ask(&self, question: Question) -> BoxFuture<'_, Result<RawJson, AskError>> {
        let _ = question;
        Box::pin(async { Err(AskError::nobody()) })
    }

    /// The rounds of the call, when its questions are answered by further requests.
    fn rounds(&self) -> Option<&Rounds> {
        None
    }

    /// Completes when the call is cancelled; never, when it cannot be.
    fn cancelled(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    /// Whether the call has been cancelled.
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl dyn Peer {
    /// Takes up the rounds that came before this request.
    pub(crate) fn resume(&self, facts: &Facts) -> Result<(), Refusal> {
        self.rounds().map_or(Ok(()), |rounds| rounds.resume(facts))
    }

    /// What the handler waits for that only another request can bring.
    pub(crate) fn suspend(&self) -> Option<Result<Suspension, String>> {
        self.rounds()?.suspend()
    }
}

/// Nobody listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoPeer;

impl Peer for NoPeer {
    fn emit(&self, _: Notification) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
