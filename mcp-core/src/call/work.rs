//! The answering of one request: in its span, within its time, whatever panics.

use super::span::Outcome;
use crate::{
    drain::Underway,
    error::Reference,
    protocol::ToolResult,
    refusal::Refusal,
    request::Request,
    response::{Payload, Response},
    server::{Plan, Server, ServerFuture},
};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    task::coop::unconstrained,
    time::{Instant, Sleep},
};

/// A request on its way through layers and handler. Must not be polled after it is done.
pub(crate) struct Work {
    /// Gone when the work is over.
    future: Option<ServerFuture>,
    plan: Plan,
    deadline: Option<Deadline>,
    /// None when the server takes no more work; given back when the work is over.
    underway: Option<Underway>,
    begun: bool,
}

struct Deadline {
    after: Duration,
    at: Instant,
    /// Made when the work first has to wait: most of it never does.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Work {
    pub(crate) fn start(server: &Server, mut request: Request) -> Self {
        let plan = server.plan(&mut request);
        let (future, underway) = match server.drain().enter() {
            Ok(underway) => {
                let future = plan.span.in_scope(|| server.respond(request));
                (future, Some(underway))
            }
            Err(refusal) => (ServerFuture::Ready(Some(refusal.into())), None),
        };
        Self {
            future: Some(future),
            underway,
            deadline: plan.limit.and_then(Deadline::new),
            plan,
            begun: false,
        }
    }

    /// Whether it goes on when nobody waits for it any more.
    pub(super) fn outlives_its_client(&self) -> bool {
        self.begun && self.plan.run_to_completion && self.future.is_some()
    }

    fn poll_future(&mut self, cx: &mut Context<'_>) -> Poll<Response> {
        let Some(future) = &mut self.future else {
            return Poll::Pending;
        };
        let _entered = self.plan.span.enter();
        // A layer of the user's may panic; handlers are isolated closer to themselves.
        catch_unwind(AssertUnwindSafe(|| Pin::new(future).poll(cx))).unwrap_or_else(|_| {
            let reference = Reference::log("a layer panicked");
            Poll::Ready(Refusal::internal(reference).into())
        })
    }

    fn end(&mut self, outcome: Outcome<'_>) {
        if let Some(future) = self.future.take() {
            // What a handler's values do when they are dropped is part of it.
            self.plan.span.in_scope(|| drop(future));
            outcome.record(&self.plan.span);
        }
        self.underway = None;
    }

    /// What a client is told when the time is up: a model can act on it, so a tool's answer is a
    /// result.
    fn timed_out(&self, after: Duration) -> Response {
        let refusal = Refusal::timed_out(Some(after));
        if self.plan.is_tool {
            Payload::Tool(ToolResult::error(refusal.error().message.clone())).into()
        } else {
            refusal.into()
        }
    }
}

impl Future for Work {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        self.begun = true;
        if let Poll::Ready(response) = self.poll_future(cx) {
            self.end(Outcome::Answered(&response));
            return Poll::Ready(response);
        }
        if let Some(deadline) = &mut self.deadline
            && deadline.poll(cx).is_ready()
        {
            let after = deadline.after;
            self.end(Outcome::TimedOut);
            return Poll::Ready(self.timed_out(after));
        }
        if let Some(underway) = &mut self.underway
            && underway.poll_cut(cx)
        {
            self.end(Outcome::Cancelled);
            return Poll::Ready(Refusal::shutting_down().into());
        }
        Poll::Pending
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

impl Deadline {
    /// None when it is too far away to be told from none.
    fn new(after: Duration) -> Option<Self> {
        Some(Self {
            after,
            at: Instant::now().checked_add(after)?,
            timer: None,
        })
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let at = self.at;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        // A handler that never waits has used up what its task may do at once: the timer would
        // always be put off.
        Pin::new(&mut unconstrained(timer.as_mut())).poll(cx)
    }
}
