//! Whoever listens to a call.

use crate::protocol::{Capability, Notification, RawJson};
use std::{
    borrow::Cow,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
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

    /// Asks the client something and waits for the answer.
    ///
    /// # Errors
    /// When it cannot be asked, or the client answers with an error.
    fn ask(&self, question: Question) -> BoxFuture<'_, Result<RawJson, AskError>> {
        let _ = question;
        Box::pin(async { Err(AskError::new(AskErrorKind::NobodyToAsk)) })
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

/// Nobody listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoPeer;

impl Peer for NoPeer {
    fn emit(&self, _: Notification) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Something a handler asks of the client in mid-call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Question {
    /// Names the question among those of its call.
    pub key: String,
    /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub method: Cow<'static, str>,
    /// The parameters: an object.
    pub params: RawJson,
    /// What the client must have declared.
    pub requires: Capability,
}

/// Why a question has no answer.
#[derive(Clone, Debug)]
pub struct AskError {
    kind: AskErrorKind,
}

#[derive(Clone, Copy, Debug)]
enum AskErrorKind {
    NobodyToAsk,
}

impl AskError {
    fn new(kind: AskErrorKind) -> Self {
        Self { kind }
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            AskErrorKind::NobodyToAsk => f.write_str("this client cannot be asked"),
        }
    }
}

impl std::error::Error for AskError {}
