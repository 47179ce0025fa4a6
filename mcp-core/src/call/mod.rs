//! A running call: an owned value that a transport drives.
//!
//! While a call is silent its transport polls it inside the response future, and nothing is
//! spawned. Once it has emitted something it goes on as a task, and the stream to the client only
//! reads what the call has queued. Cancellation, deadline and disconnect act on the call from
//! outside, through its [`Link`], so they take effect even when the client has stopped reading.

mod link;
mod outcome;
mod questions;
pub(crate) mod span;
mod work;

pub use link::{AskClient, CancelReason, Link, Outgoing};

pub use outcome::Outcome;
pub use questions::{ClientRequest, Questions};

pub(crate) use link::Hold;
pub(crate) use work::Work;

use crate::{request::Request, response::Response, server::Server};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// A call in progress. Dropping it stops the handler at its next await point, unless the
/// operation [runs to completion](crate::Options::run_to_completion): then it goes on as a task.
///
/// As a future it runs to its end, hands the answer to its [`Link`], and yields nothing.
pub struct RunningCall {
    work: Option<Work>,
    link: Arc<Link>,
    /// Given back last, after whatever takes its own.
    _hold: Hold,
    announced: bool,
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
    /// Starts a call. A handler does not run before the first poll.
    ///
    /// Polling it needs a tokio runtime when there is a time limit.
    #[inline]
    pub fn start(server: &Server, mut request: Request, link: Arc<Link>) -> Self {
        request.set_call(link.clone());
        Self {
            _hold: Hold::new(&link),
            work: Some(Work::start(server, request)),
            link,
            announced: false,
        }
    }

    /// The link to the call.
    #[inline]
    pub fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Drives the call until something happens. After [`CallEvent::Done`] or
    /// [`CallEvent::Cancelled`] it must not be polled again.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<CallEvent> {
        if self.link.register_driver(cx).is_some() {
            self.abandon();
            return Poll::Ready(CallEvent::Cancelled);
        }
        let Some(work) = &mut self.work else {
            return Poll::Ready(CallEvent::Cancelled);
        };
        if let Poll::Ready(mut response) = Pin::new(&mut *work).poll(cx) {
            if self.announced || self.link.has_queued() {
                response = work.told_on_a_stream(response);
            }
            self.work = None;
            return Poll::Ready(CallEvent::Done(response));
        }
        if !self.announced && self.link.has_queued() {
            self.announced = true;
            return Poll::Ready(CallEvent::Emitted);
        }
        Poll::Pending
    }

    /// Stops the handler, or lets it go on where nobody waits for it.
    fn abandon(&mut self) {
        if let Some(work) = self.work.take().filter(Work::outlives_its_client) {
            // Without a runtime the process is on its way out.
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                let hold = Hold::new(&self.link);
                runtime.spawn(async move {
                    work.await;
                    drop(hold);
                });
            }
        }
    }
}

impl Drop for RunningCall {
    fn drop(&mut self) {
        if self.work.is_some() {
            self.link.cancel(CancelReason::Disconnected);
            // Whoever still reads is told that nothing follows.
            self.link.close();
            self.abandon();
        }
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
