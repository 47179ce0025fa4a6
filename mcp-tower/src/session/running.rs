//! The requests that run in a session.

use mcp_core::{
    call::{CancelReason, Link},
    protocol::RequestId,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// Links of running requests by id: of one session, so that ids of others never meet.
///
/// A link lives as long as its call, wherever that has gone; the table does not keep it alive.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<HashMap<RequestId, Weak<Link>>>);

impl Running {
    /// The most calls of a session at once.
    const MAX: usize = 256;

    /// Adds a call, and forgets those that have ended; tells whether there is room. A client that
    /// uses an id twice at once can cancel the later call only.
    pub(super) fn add(&self, id: RequestId, link: &Arc<Link>) -> bool {
        let mut links = self.lock();
        links.retain(|_, link| link.strong_count() > 0);
        if links.len() >= Self::MAX {
            return false;
        }
        links.insert(id, Arc::downgrade(link));
        true
    }

    pub(super) fn cancel_all(&self, reason: CancelReason) {
        let links: Vec<_> = self.lock().values().filter_map(Weak::upgrade).collect();
        links.iter().for_each(|link| link.cancel(reason));
    }

    pub(super) fn cancel(&self, id: &RequestId, reason: CancelReason) {
        let link = self.lock().get(id).and_then(Weak::upgrade);
        if let Some(link) = link {
            link.cancel(reason);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.lock().values().any(|link| link.strong_count() > 0)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, Weak<Link>>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
