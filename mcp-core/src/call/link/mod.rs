//! What a running call shares with its handler, its stream and those who may stop it.

mod charge;
mod peer;

pub(crate) use charge::Hold;

use self::charge::Charge;
use crate::{
    ask::{AskError, Question},
    call::ClientRequest,
    governor::Permit,
    peer::{BoxFuture, Peer},
    protocol::{Notification, RawJson},
    response::Response,
    round::Rounds,
};
use std::{
    any::Any,
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::sync::Notify;

/// The outside of a running call.
///
/// It queues what the handler emits until a stream reads it, keeps the answer for that stream, and
/// carries cancellation in.
///
/// The queue is bounded, by [`MAX_QUEUED_BYTES`](Self::MAX_QUEUED_BYTES) and, in a call that is
/// [charged](Self::charged) to somebody, by the budget of
/// [queued bytes](crate::governor::Budget::QueuedBytes). At either bound a handler that emits waits
/// for room, and after [`STALL`](Self::STALL) its notification is dropped; until the client reads
/// again, further ones are dropped at once. Questions and the answer are neither counted nor held
/// back: there are few questions and one answer, and a call counts until its answer is taken.
pub struct Link {
    cancelled: AtomicBool,
    changed: Notify,
    state: Mutex<State>,
    questions: Questions,
    resumable: bool,
    /// How many go on with the call.
    holds: AtomicUsize,
    held: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// How questions reach the client.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives in the link; a box would cost every call one"
)]
enum Questions {
    /// Not at all.
    Nobody,
    /// With the answer to this call.
    Rounds(Rounds),
    /// By requests on the stream of this call.
    Client(Arc<dyn AskClient>),
}

/// Whoever keeps the requests that a server has sent to a client, until they are answered.
pub trait AskClient: Send + Sync + 'static {
    /// Sends a question on the stream of a call and waits for the answer.
    ///
    /// # Errors
    /// When the client answers with an error, or not at all.
    fn ask<'a>(
        &'a self,
        link: &'a Link,
        question: Question,
    ) -> BoxFuture<'a, Result<RawJson, AskError>>;
}

#[derive(Default)]
struct State {
    queue: VecDeque<Queued>,
    queued_bytes: usize,
    answer: Option<Response>,
    charge: Charge,
    reason: Option<CancelReason>,
    closed: bool,
    reader_gone: bool,
    /// A notification was dropped because nobody read; cleared by reading.
    stalled: bool,
    driver: Option<Waker>,
    reader: Option<Waker>,
}

/// What waits for the stream.
#[derive(Debug)]
enum Queued {
    Notification(Notification),
    Request(ClientRequest),
    HangUp(Duration),
}

/// A notification for which there is no room.
enum Full {
    /// In the queue of its call.
    Queue(Notification),
    /// In the budget of whoever pays.
    Budget(Notification),
}

impl From<Full> for Notification {
    fn from(full: Full) -> Self {
        match full {
            Full::Queue(notification) | Full::Budget(notification) => notification,
        }
    }
}

/// Why a call was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelReason {
    /// The client asked for it.
    Requested,
    /// The client went away.
    Disconnected,
    /// The server is shutting down.
    Shutdown,
}

/// The next thing for a stream to send.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outgoing {
    /// Something the handler told while running.
    Notification(Notification),
    /// Something the handler asks.
    Request(ClientRequest),
    /// The stream ends here, and the client comes back for the rest after this time.
    HangUp(Duration),
    /// The answer: nothing follows.
    Answer(Response),
}

impl Link {
    /// How many bytes of notifications are queued before a handler has to wait.
    pub const MAX_QUEUED_BYTES: usize = 256 * 1024;
    /// How long a handler waits for a reader that has stalled before a notification is dropped.
    pub const STALL: Duration = Duration::from_secs(10);
    /// How long it waits before it asks again for a budget that is used up.
    const RETRY: Duration = Duration::from_millis(250);

    /// A link to a call that has not started and cannot ask.
    pub fn new() -> Self {
        Self::with(Questions::Nobody)
    }

    /// A link to a call whose questions are answered by further requests.
    pub fn with_rounds(rounds: Rounds) -> Self {
        Self::with(Questions::Rounds(rounds))
    }

    /// A link to a call whose questions are requests on its stream.
    pub fn with_client(client: Arc<dyn AskClient>) -> Self {
        Self::with(Questions::Client(client))
    }

    fn with(questions: Questions) -> Self {
        Self {
            cancelled: AtomicBool::new(false),
            changed: Notify::new(),
            state: Mutex::default(),
            questions,
            resumable: false,
            holds: AtomicUsize::new(0),
            held: OnceLock::new(),
        }
    }

    /// Says that a client can come back to the stream of this call after it has ended early.
    #[must_use]
    pub fn resumable(mut self, resumable: bool) -> Self {
        self.resumable = resumable;
        self
    }

    /// Keeps a value until the call and everything that knows it are gone: the first one; a later
    /// one is dropped.
    pub fn hold(&self, value: impl Any + Send + Sync) {
        let _ = self.held.set(Box::new(value));
    }

    /// Charges the call to whoever the permits for it and for the bytes of its request were given
    /// to: they are kept until the handler, what goes on after it, and the reader of its answer are
    /// done. What is queued is taken from the same payer's budget of
    /// [queued bytes](crate::governor::Budget::QueuedBytes).
    #[must_use]
    pub fn charged(mut self, call: Permit, body: Permit) -> Self {
        let state = self.state.get_mut();
        state.unwrap_or_else(PoisonError::into_inner).charge = Charge::new(call, body);
        self
    }

    /// Sends a request to the client, behind what is queued already. Tells whether anyone reads.
    pub fn send(&self, request: ClientRequest) -> bool {
        // Bounded by the number of questions that may wait; never dropped for the queue.
        self.push(Queued::Request(request))
    }

    /// Queues what has no weight. Tells whether anyone reads.
    fn push(&self, queued: Queued) -> bool {
        let (reader, driver) = {
            let mut state = self.lock();
            if state.reader_gone || state.closed {
                return false;
            }
            // A stream ends once, however often that is asked for.
            if !matches!(
                (state.queue.back(), &queued),
                (Some(Queued::HangUp(_)), Queued::HangUp(_))
            ) {
                state.queue.push_back(queued);
            }
            (state.reader.take(), state.driver.take())
        };
        reader.into_iter().chain(driver).for_each(Waker::wake);
        true
    }

    /// Stops the call: its handler is dropped wherever it waits. Idempotent; the first reason
    /// stays. For a client that has gone away this is [`detach`](Self::detach), too.
    pub fn cancel(&self, reason: CancelReason) {
        if reason == CancelReason::Disconnected {
            self.detach();
        }
        let driver = {
            let mut state = self.lock();
            if state.reason.is_some() {
                return;
            }
            state.reason = Some(reason);
            state.driver.take()
        };
        self.cancelled.store(true, Ordering::Release);
        self.changed.notify_waiters();
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    /// Says that nobody will read any more: what is queued and what is still emitted is dropped,
    /// and the call goes on.
    pub fn detach(&self) {
        {
            let mut state = self.lock();
            state.reader_gone = true;
            state.queue.clear();
            state.queued_bytes = 0;
            state.answer = None;
            state.charge.unqueue_all();
        }
        self.changed.notify_waiters();
        self.settle();
    }

    /// The next thing to send, in order. `None` when the call ended without an answer.
    pub fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        let mut state = self.lock();
        state.stalled = false;
        match state.queue.pop_front() {
            Some(Queued::Notification(notification)) => {
                let weight = weight(&notification);
                state.queued_bytes -= weight;
                state.charge.unqueue(weight);
                drop(state);
                self.changed.notify_waiters();
                return Poll::Ready(Some(Outgoing::Notification(notification)));
            }
            Some(Queued::Request(request)) => {
                drop(state);
                self.changed.notify_waiters();
                return Poll::Ready(Some(Outgoing::Request(request)));
            }
            Some(Queued::HangUp(retry)) => {
                drop(state);
                self.changed.notify_waiters();
                return Poll::Ready(Some(Outgoing::HangUp(retry)));
            }
            None => {}
        }
        if let Some(answer) = state.answer.take() {
            state.closed = true;
            drop(state);
            self.settle();
            return Poll::Ready(Some(Outgoing::Answer(answer)));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        register(&mut state.reader, cx);
        Poll::Pending
    }

    /// Keeps the answer for the stream.
    pub fn finish(&self, answer: Response) {
        let reader = {
            let mut state = self.lock();
            if !state.reader_gone {
                state.answer = Some(answer);
            }
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Ends the stream without an answer, once what is queued has been read.
    pub fn close(&self) {
        let reader = {
            let mut state = self.lock();
            state.closed = true;
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Whether something waits to be read.
    pub fn has_queued(&self) -> bool {
        !self.lock().queue.is_empty()
    }

    pub(super) fn register_driver(&self, cx: &Context<'_>) -> Option<CancelReason> {
        let mut state = self.lock();
        if state.reason.is_none() {
            register(&mut state.driver, cx);
        }
        state.reason
    }

    /// Queues a notification, or gives it back when there is no room for it.
    fn enqueue(&self, notification: Notification) -> Result<(), Full> {
        let waker = {
            let mut state = self.lock();
            if state.reader_gone || state.closed {
                return Ok(());
            }
            let weight = weight(&notification);
            // A notification larger than the whole queue still passes when it is alone.
            if state.queued_bytes > 0 && state.queued_bytes + weight > Self::MAX_QUEUED_BYTES {
                return Err(Full::Queue(notification));
            }
            if !state.charge.queue(weight) {
                return Err(Full::Budget(notification));
            }
            state.queued_bytes += weight;
            state.queue.push_back(Queued::Notification(notification));
            // Without a reader the driver has to open the stream.
            state.reader.take().or_else(|| state.driver.take())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    async fn emit_within(&self, mut notification: Notification, stall: Duration) {
        let queued = async {
            loop {
                let room = self.changed.notified();
                match self.enqueue(notification) {
                    Ok(()) => return,
                    Err(Full::Queue(back)) => {
                        notification = back;
                        room.await;
                    }
                    // Others may make room, and nobody says so.
                    Err(Full::Budget(back)) => {
                        notification = back;
                        let _ = tokio::time::timeout(Self::RETRY, room).await;
                    }
                }
            }
        };
        if tokio::time::timeout(stall, queued).await.is_err() {
            self.lock().stalled = true;
            tracing::debug!(target: "mcp", "a stalled reader missed a notification");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

fn register(place: &mut Option<Waker>, cx: &Context<'_>) {
    match place {
        Some(waker) if waker.will_wake(cx.waker()) => {}
        _ => *place = Some(cx.waker().clone()),
    }
}

/// What a queued notification counts for: its text, and something for being there at all.
fn weight(notification: &Notification) -> usize {
    const OVERHEAD: usize = 128;
    notification.params.as_str().len() + OVERHEAD
}

#[cfg(test)]
mod tests;
