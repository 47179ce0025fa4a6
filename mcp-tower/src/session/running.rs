//! The requests that run in a session and have had to wait.

use super::table::RowGuard;
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
    /// Stops a call. Tells whether there is one with this id.
    pub(super) fn cancel(&self, id: &RequestId, reason: CancelReason) -> bool {
        let link = self.lock().get(id).and_then(Weak::upgrade);
        let found = link.is_some();
        if let Some(link) = link {
            link.cancel(reason);
        }
        found
    }

    pub(super) fn cancel_all(&self, reason: CancelReason) {
        let links: Vec<_> = self.lock().values().filter_map(Weak::upgrade).collect();
        links.iter().for_each(|link| link.cancel(reason));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, Weak<Link>>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's place among those that run: its link holds it to the end.
pub(super) struct Registered {
    id: RequestId,
    row: RowGuard,
}

impl Registered {
    /// Makes a call known to those who cancel by id. A client that uses an id twice at once can
    /// cancel the later call only.
    pub(super) fn hold(link: &Arc<Link>, id: RequestId, row: RowGuard) {
        row.running()
            .lock()
            .insert(id.clone(), Arc::downgrade(link));
        link.hold(Self { id, row });
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut links = self.row.running().lock();
        // A later call may have taken the id.
        let is_over = |link: &Weak<Link>| link.strong_count() == 0;
        if links.get(&self.id).is_some_and(is_over) {
            links.remove(&self.id);
        }
    }
}
