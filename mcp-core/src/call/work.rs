//! The answering of one request: in its span, within its time, whatever panics.

use super::{Outcome, span};
use crate::{
    drain::Underway,
    error::Reference,
    protocol::ToolResult,
    refusal::{Refusal, RefusalKind},
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
    /// A shutdown has ended it: that is for the client to act on, and not for a model.
    cut: bool,
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
                // Cloning a layered service is a user's code, too.
                let respond = AssertUnwindSafe(|| server.respond(request));
                let future = plan.span.in_scope(|| catch_unwind(respond));
                let future = future.unwrap_or_else(|_| ServerFuture::ready(layer_panicked()));
                (future, Some(underway))
            }
            Err(refusal) => (ServerFuture::ready(refusal), None),
        };
        Self {
            future: Some(future),
            underway,
            deadline: plan.limit.and_then(Deadline::new),
            plan,
            begun: false,
            cut: false,
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
        catch_unwind(AssertUnwindSafe(|| Pin::new(future).poll(cx)))
            .unwrap_or_else(|_| Poll::Ready(layer_panicked().into()))
    }

    /// Happens once, however the work ends.
    fn end(&mut self, outcome: Outcome, refusal: Option<&Refusal>) {
        if let Some(future) = self.future.take() {
            // What a handler's values do when they are dropped is part of it.
            self.plan.span.in_scope(|| drop(future));
            span::record(&self.plan.span, outcome, refusal);
            if let Some(audit) = self.plan.audit.take() {
                self.plan.span.in_scope(|| audit.end(outcome));
            }
        }
        self.underway = None;
    }

    /// What a client is told: when the time is up a model can act on it, so a tool's answer is a
    /// result.
    fn told(&self, response: Response) -> Response {
        self.as_result(response, |kind| kind == RefusalKind::TimedOut)
    }

    /// The same for a client whose stream has begun: no status can tell it of the refusal any
    /// more, so that of a tool is a result, too.
    pub(super) fn told_on_a_stream(&self, response: Response) -> Response {
        self.as_result(response, |kind| {
            let of_the_message = matches!(
                kind,
                RefusalKind::Envelope | RefusalKind::Method | RefusalKind::Answer
            );
            !of_the_message && !self.cut
        })
    }

    fn as_result(&self, response: Response, these: impl Fn(RefusalKind) -> bool) -> Response {
        match response.outcome() {
            Err(refusal) if self.plan.is_tool && these(refusal.kind()) => {
                Payload::Tool(ToolResult::error(refusal.error().message.clone())).into()
            }
            _ => response,
        }
    }
}

impl Future for Work {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        self.begun = true;
        if let Poll::Ready(response) = self.poll_future(cx) {
            self.end(Outcome::of(&response), response.outcome().err());
            return Poll::Ready(self.told(response));
        }
        if let Some(deadline) = &mut self.deadline
            && deadline.poll(cx).is_ready()
        {
            let refusal = Refusal::timed_out(Some(deadline.after));
            self.end(Outcome::TimedOut, None);
            return Poll::Ready(self.told(refusal.into()));
        }
        if let Some(underway) = &mut self.underway
            && underway.poll_cut(cx)
        {
            self.cut = true;
            self.end(Outcome::Cancelled, None);
            return Poll::Ready(Refusal::shutting_down().into());
        }
        Poll::Pending
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled, None);
    }
}

fn layer_panicked() -> Refusal {
    Refusal::internal(Reference::log("a layer panicked"))
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
