//! What was told and asked while a request ran.

use super::Asked;
use mcp_core::protocol::{LogMessage, Notification, Progress};
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How much one request may tell: a handler that never stops fails a test, it does not hang it.
const MOST: usize = 10_000;

pub(super) const PROGRESS: &str = "notifications/progress";
pub(super) const LOG: &str = "notifications/message";

/// What was told and asked so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    notifications: Vec<Notification>,
    questions: Vec<Asked>,
    /// There will be no more.
    over: bool,
    /// The client has said that it wants no answer.
    cancelled: bool,
}

impl Seen {
    /// Takes note of a notification; tells whether there is room for it.
    pub(super) fn tell(&self, notification: Notification) -> bool {
        let mut state = self.lock();
        state.notifications.push(notification);
        let has_room = state.notifications.len() < MOST;
        drop(state);
        self.changed.notify_waiters();
        has_room
    }

    pub(super) fn ask(&self, asked: Asked) {
        self.lock().questions.push(asked);
        self.changed.notify_waiters();
    }

    pub(super) fn cancel(&self) {
        self.lock().cancelled = true;
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    pub(super) fn notifications(&self) -> Vec<Notification> {
        self.lock().notifications.clone()
    }

    pub(super) fn progress(&self) -> Vec<Progress> {
        self.params(PROGRESS)
    }

    pub(super) fn logs(&self) -> Vec<LogMessage> {
        self.params(LOG)
    }

    pub(super) fn questions(&self) -> Vec<Asked> {
        self.lock().questions.clone()
    }

    /// The notification at a position, as soon as it is there; none when it never will be.
    pub(super) async fn notification(&self, position: usize) -> Option<Notification> {
        self.when(|state| state.notifications.get(position).cloned())
            .await
    }

    /// The question at a position, as soon as it is there; none when it never will be.
    pub(super) async fn question(&self, position: usize) -> Option<Asked> {
        self.when(|state| state.questions.get(position).cloned())
            .await
    }

    async fn when<T>(&self, look: impl Fn(&State) -> Option<T>) -> Option<T> {
        loop {
            let changed = self.changed.notified();
            {
                let state = self.lock();
                let seen = look(&state);
                if seen.is_some() || state.over {
                    return seen;
                }
            }
            changed.await;
        }
    }

    /// Says that there will be no more once what this gives is dropped.
    pub(super) fn ending(self: &Arc<Self>) -> Ending {
        Ending(self.clone())
    }

    fn params<T: DeserializeOwned>(&self, method: &str) -> Vec<T> {
        let state = self.lock();
        let of_method = state.notifications.iter();
        of_method
            .filter(|notification| notification.method == method)
            .filter_map(|notification| notification.params.parse().ok())
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that tells, as long as it lives.
pub(super) struct Ending(Arc<Seen>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.lock().over = true;
        self.0.changed.notify_waiters();
    }
}
