//! Work that goes on when its handler is dropped.

use crate::{drain::Tracked, request::Request};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::runtime::Handle;
use tracing::{Instrument, Span};

/// A future that moves to a task when it is dropped before its end.
///
/// Until then it is polled in place, so that what it emits and asks belongs to the handler's
/// poll, and nothing is spawned for calls that are not cancelled.
pub(super) struct Finishing<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    work: Option<Pin<Box<F>>>,
    request: Request,
    /// Where it goes: known once it has begun.
    home: Option<(Handle, Span)>,
}

impl<F> Finishing<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    pub(super) fn new(work: F, request: Request) -> Self {
        Self {
            request,
            work: Some(Box::pin(work)),
            home: None,
        }
    }
}

impl<F> Future for Finishing<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        this.home
            .get_or_insert_with(|| (Handle::current(), Span::current()));
        // Out of its place while it is polled: after a panic there is nothing to go on with.
        let Some(mut work) = this.work.take() else {
            return Poll::Pending;
        };
        let poll = work.as_mut().poll(cx);
        if poll.is_pending() {
            this.work = Some(work);
        }
        poll
    }
}

impl<F> Drop for Finishing<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn drop(&mut self) {
        if let (Some(work), Some((runtime, span))) = (self.work.take(), self.home.take()) {
            // Both taken while the call still counts, so that nothing looks idle in between.
            let hold = self.request.hold();
            let work = Tracked::new(work, self.request.server().carry_on());
            runtime.spawn(
                async move {
                    work.await;
                    drop(hold);
                }
                .instrument(span),
            );
        }
    }
}
