//! A running call: an owned value that a transport drives.
//!
//! While a call is silent its transport polls it inside the response future, and nothing is
//! spawned. Once it has emitted something it goes on as a task, and the stream to the client only
//! reads what the call has queued. Cancellation, deadline and disconnect act on the call from
//! outside, through its [`Link`], so they take effect even when the client has stopped reading.

mod link;

pub use link::{AskClient, CancelReason, ClientRequest, Link, Outgoing};

use crate::{
    error::Reference,
    refusal::Refusal,
    request::Request,
    response::Response,
    server::{Server, ServerFuture},
};
use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::Sleep;

/// A call in progress. Dropping it stops the handler at its next await point.
///
/// As a future it runs to its end, hands the answer to its [`Link`], and yields nothing.
pub struct RunningCall {
    work: Option<ServerFuture>,
    link: Arc<Link>,
    deadline: Option<Deadline>,
    announced: bool,
}

struct Deadline {
    after: Duration,
    timer: Pin<Box<Sleep>>,
}

/// What happened in a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallEvent {
    /// The handler has emitted its first notification and is not done.
    Emitted,
    /// The handler is done. Notifications may still be queued before the answer.
    Done(Response),
    /// The call was cancelled and owes no answer.
    Cancelled,
}

impl RunningCall {
    /// Starts a call: nothing runs before the first poll.
    ///
    /// # Panics
    /// When the server has a time limit and this is called outside a tokio runtime.
    pub fn start(server: &Server, request: Request, link: Arc<Link>) -> Self {
        let deadline = server.time_limit(&request).map(|after| Deadline {
            after,
            timer: Box::pin(tokio::time::sleep(after)),
        });
        Self {
            work: Some(server.respond(request)),
            link,
            deadline,
            announced: false,
        }
    }

    /// The link to the call.
    pub fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Drives the call until something happens. After [`CallEvent::Done`] or
    /// [`CallEvent::Cancelled`] it must not be polled again.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<CallEvent> {
        if self.link.register_driver(cx).is_some() {
            self.work = None;
            return Poll::Ready(CallEvent::Cancelled);
        }
        let Some(work) = &mut self.work else {
            return Poll::Ready(CallEvent::Cancelled);
        };
        // A layer of the user's may panic; handlers are isolated closer to themselves.
        match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut *work).poll(cx))) {
            Ok(Poll::Ready(response)) => {
                self.work = None;
                return Poll::Ready(CallEvent::Done(response));
            }
            Ok(Poll::Pending) => {}
            Err(_) => {
                self.work = None;
                let reference = Reference::log("a layer panicked");
                return Poll::Ready(CallEvent::Done(Refusal::internal(reference).into()));
            }
        }
        if let Some(deadline) = &mut self.deadline
            && deadline.timer.as_mut().poll(cx).is_ready()
        {
            self.work = None;
            return Poll::Ready(CallEvent::Done(
                Refusal::timed_out(Some(deadline.after)).into(),
            ));
        }
        if !self.announced && self.link.has_queued() {
            self.announced = true;
            return Poll::Ready(CallEvent::Emitted);
        }
        Poll::Pending
    }
}

impl Future for RunningCall {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match ready!(self.poll_event(cx)) {
                CallEvent::Emitted => {}
                CallEvent::Done(response) => {
                    self.link.finish(response);
                    return Poll::Ready(());
                }
                CallEvent::Cancelled => {
                    self.link.close();
                    return Poll::Ready(());
                }
            }
        }
    }
}

impl fmt::Debug for RunningCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningCall").finish_non_exhaustive()
    }
}
