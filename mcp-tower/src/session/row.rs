//! What is alive in one session.

use super::{key::SessionKey, questions::Questions, running::Running, streams::Streams};
use crate::bus::ReplicaId;
use mcp_core::{SessionState, call::CancelReason, governor::Permit};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Made when something of a session is alive, gone when nothing is.
pub(crate) struct Row {
    key: SessionKey,
    idle: Duration,
    used: Mutex<Instant>,
    state: Arc<SessionState>,
    pub(super) running: Running,
    pub(super) questions: Questions,
    pub(super) streams: Streams,
    /// The other replica that the standing stream is read on.
    elsewhere: Mutex<Option<ReplicaId>>,
    _permit: Permit,
}

impl Row {
    pub(super) fn new(key: SessionKey, idle: Duration, permit: Permit) -> Self {
        Self {
            key,
            idle,
            used: Mutex::new(Instant::now()),
            state: Arc::default(),
            running: Running::default(),
            questions: Questions::default(),
            streams: Streams::default(),
            elsewhere: Mutex::default(),
            _permit: permit,
        }
    }

    pub(super) fn key(&self) -> SessionKey {
        self.key
    }

    /// What the client has set: log level and subscriptions.
    pub(super) fn state(&self) -> &Arc<SessionState> {
        &self.state
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
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether nothing is lost with it, once nobody uses it.
    pub(super) fn is_vacant(&self) -> bool {
        self.is_unset() && self.streams.is_empty()
    }

    /// Whether what is left of it may be forgotten, once nobody uses it.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = now >= used + self.idle;
        self.streams.is_empty() && (self.is_unset() || is_idle)
    }

    /// Whether it says nothing that a row just made would not say.
    fn is_unset(&self) -> bool {
        self.state.is_default() && self.stands_elsewhere().is_none()
    }

    /// Ends everything in it.
    pub(super) fn end(&self) {
        self.streams.end();
        self.questions.end();
        self.running.cancel_all(CancelReason::Requested);
    }
}
