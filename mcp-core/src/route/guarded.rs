//! The innermost place of every call: below all layers, around the handler itself.

use crate::{error::Failure, peer::BoxFuture};
use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

/// The future of one handler, whose panics become failures.
pub(crate) enum Guarded<T> {
    Running(BoxFuture<'static, Result<T, Failure>>),
    /// It failed while it was made.
    Failed(Option<Failure>),
}

impl<T> Guarded<T> {
    /// Guards the future that `start` makes, and the making.
    pub(crate) fn new(start: impl FnOnce() -> BoxFuture<'static, Result<T, Failure>>) -> Self {
        match catch_unwind(AssertUnwindSafe(start)) {
            Ok(future) => Self::Running(future),
            Err(panic) => Self::Failed(Some(panicked(panic))),
        }
    }
}

impl<T> Future for Guarded<T> {
    type Output = Result<T, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, Failure>> {
        match &mut *self {
            // After a panic the future is dropped with the call and never polled again.
            Self::Running(future) => {
                match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
                    Ok(poll) => poll,
                    Err(panic) => Poll::Ready(Err(panicked(panic))),
                }
            }
            Self::Failed(failure) => match failure.take() {
                Some(failure) => Poll::Ready(Err(failure)),
                None => Poll::Pending,
            },
        }
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Failure {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Failure::internal(format!("a handler panicked: {text}"))
}
