//! What is alive in one session.

use super::{key::SessionKey, running::Running, streams::Streams};
use crate::bus::ReplicaId;
use mcp_core::{
    ChargedSession, Refusal, SessionState,
    call::{CancelReason, Questions},
    governor::Permit,
    protocol::{RequestId, ResponseMessage},
};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// Made when something of a session is alive, gone when nothing is.
pub(crate) struct Row {
    key: SessionKey,
    used: Mutex<Used>,
    /// What the client has set, and what its subscriptions hold.
    set: ChargedSession,
    /// Whether its client has said that it is ready; kept only where that is asked.
    initialized: AtomicBool,
    /// Made when a call first waits, or asks: a pointer, since most rows have none that does.
    calls: OnceLock<Box<Calls>>,
    pub(super) streams: Streams,
    /// The other replica that the standing stream is read on.
    elsewhere: Mutex<Option<ReplicaId>>,
}

/// What its calls wait for.
#[derive(Default)]
struct Calls {
    running: Running,
    questions: Questions,
}

/// When it was used last, and for how long it is kept after that.
struct Used {
    at: Instant,
    idle: Duration,
}

impl Row {
    pub(super) fn new(key: SessionKey, idle: Duration, permit: Permit) -> Self {
        Self {
            key,
            used: Mutex::new(Used {
                at: Instant::now(),
                idle,
            }),
            set: ChargedSession::new(permit),
            initialized: AtomicBool::new(false),
            calls: OnceLock::new(),
            streams: Streams::default(),
            elsewhere: Mutex::default(),
        }
    }

    pub(super) fn key(&self) -> SessionKey {
        self.key
    }

    /// The calls that have had to wait.
    pub(super) fn running(&self) -> &Running {
        &self.calls.get_or_init(Box::default).running
    }

    /// What its client is asked.
    pub(super) fn questions(&self) -> &Questions {
        &self.calls.get_or_init(Box::default).questions
    }

    /// Stops a call. Tells whether there is one with this id.
    pub(super) fn cancel(&self, id: &RequestId) -> bool {
        let calls = self.calls.get();
        calls.is_some_and(|calls| calls.running.cancel(id, CancelReason::Requested))
    }

    /// Hands an answer to whoever has asked; one that nobody waits for is dropped.
    pub(super) fn answer(&self, response: &ResponseMessage) {
        if let Some(calls) = self.calls.get() {
            calls.questions.answer(response);
        }
    }

    /// What the client has set: log level and subscriptions.
    pub(super) fn state(&self) -> &Arc<SessionState> {
        self.set.state()
    }

    /// Takes note that the client is ready.
    pub(super) fn initialize(&self) {
        self.initialized.store(true, Ordering::Release);
    }

    pub(super) fn is_initialized(&self) -> bool {
        self.initialized.load(Ordering::Acquire)
    }

    /// Says on which other replica the standing stream is read.
    pub(super) fn stands_at(&self, replica: Option<ReplicaId>) {
        *self
            .elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = replica;
    }

    /// The other replica that the standing stream is read on.
    pub(super) fn stands_elsewhere(&self) -> Option<ReplicaId> {
        *self
            .elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn used_now(&self) {
        self.used().at = Instant::now();
    }

    /// Keeps it for at least as long when nothing uses it.
    pub(super) fn keep_for(&self, idle: Duration) {
        let mut used = self.used();
        used.idle = used.idle.max(idle);
    }

    /// Subscribes to a resource, at the cost of whoever the row was made for.
    pub(super) fn subscribe(&self, uri: &str) -> Result<(), Refusal> {
        self.set.subscribe(uri)
    }

    /// Ends a subscription, when there is one.
    pub(super) fn unsubscribe(&self, uri: &str) {
        self.set.unsubscribe(uri);
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        // Nothing panics while the lock is held.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing is lost with it, once nobody uses it.
    pub(super) fn is_vacant(&self) -> bool {
        self.is_unset() && self.streams.is_empty()
    }

    /// Whether what is left of it may be forgotten, once nobody uses it.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        let is_idle = {
            let used = self.used();
            now.saturating_duration_since(used.at) >= used.idle
        };
        self.streams.is_empty() && (self.is_unset() || is_idle)
    }

    /// Whether it says nothing that a row just made would not say.
    fn is_unset(&self) -> bool {
        self.state().is_default() && !self.is_initialized() && self.stands_elsewhere().is_none()
    }

    /// Ends everything in it.
    pub(super) fn end(&self) {
        self.streams.end();
        if let Some(calls) = self.calls.get() {
            calls.questions.end();
            calls.running.cancel_all(CancelReason::Requested);
        }
    }
}
