//! The innermost place of every call: below all layers, around the handler itself.
//!
//! Here panics become failures, and here a question that only another request can answer suspends
//! the call: no `?` and no layer of the user's stands between a question and this place.

use crate::{
    context::Context as CallContext,
    error::{BoxError, Failure},
    peer::BoxFuture,
    refusal::Refusal,
    response::{InputRequired, Payload, Response},
};
use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

/// The future of one handler.
pub(crate) struct Guarded<T, F> {
    context: CallContext,
    work: Result<BoxFuture<'static, Result<T, Failure>>, Option<Failure>>,
    finish: Option<F>,
}

impl<T, F> Guarded<T, F>
where
    F: FnOnce(&CallContext, Result<T, Failure>) -> Result<Payload, Refusal>,
{
    /// Guards the future that `start` makes, and the making; `finish` turns what comes of it into
    /// an answer.
    pub(crate) fn new(
        context: CallContext,
        start: impl FnOnce(CallContext) -> BoxFuture<'static, Result<T, Failure>>,
        finish: F,
    ) -> Self {
        if let Some(rounds) = context.peer().rounds() {
            rounds.begin_run();
        }
        let inner = context.clone();
        let started = {
            let _scope = context.peer().rounds().map(|rounds| rounds.enter());
            catch_unwind(AssertUnwindSafe(|| start(inner)))
        };
        Self {
            context,
            work: started.map_err(|panic| Some(panicked(panic))),
            finish: Some(finish),
        }
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, Failure>> {
        match &mut self.work {
            Ok(work) => {
                let _scope = self.context.peer().rounds().map(|rounds| rounds.enter());
                // After a panic the future is dropped with the call and never polled again.
                match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
                    Ok(poll) => poll,
                    Err(panic) => Poll::Ready(Err(panicked(panic))),
                }
            }
            Err(failure) => failure
                .take()
                .map_or(Poll::Pending, |failure| Poll::Ready(Err(failure))),
        }
    }

    fn suspended(&mut self) -> Option<Result<Payload, Refusal>> {
        let suspension = match self.context.peer().suspend()? {
            Ok(suspension) => suspension,
            Err(misuse) => {
                let finish = self.finish.take()?;
                return Some(finish(&self.context, Err(Failure::internal(misuse))));
            }
        };
        let rounds = self.context.peer().rounds()?;
        let state = rounds.seal(self.context.facts());
        Some(state.map(|state| {
            Payload::InputRequired(InputRequired {
                questions: suspension.questions,
                state,
            })
        }))
    }
}

// The handler's future is boxed and the rest is never pinned.
impl<T, F> Unpin for Guarded<T, F> {}

impl<T, F> Future for Guarded<T, F>
where
    F: FnOnce(&CallContext, Result<T, Failure>) -> Result<Payload, Refusal>,
{
    /// Never an error; those of layers are.
    type Output = Result<Response, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match self.poll_work(cx) {
            Poll::Ready(answer) => match self.finish.take() {
                Some(finish) => finish(&self.context, answer),
                None => return Poll::Pending,
            },
            Poll::Pending => match self.suspended() {
                Some(suspended) => suspended,
                None => return Poll::Pending,
            },
        };
        Poll::Ready(Ok(answer.into()))
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Failure {
    Failure::panicked("a handler", &*panic)
}
