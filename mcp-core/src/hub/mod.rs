//! Who listens to changes of a server, and how they are told.
//!
//! What is told is idempotent ("this list changed"), so a listener is a set of marks and not a
//! queue: a change that is already marked costs nothing, and a listener that reads slowly is told
//! once what happened many times. Publishing never waits for anybody.

mod filter;
mod listener;
mod notice;

pub use filter::SubscriptionFilter;
pub use listener::{CloseReason, Listener, ListenerHandle};
pub use notice::ChangeNotice;

pub(crate) use filter::ListenParams;
pub(crate) use listener::{Interest, SubscriptionMeta};

use self::{listener::Slot, notice::Relay};
use crate::refusal::Refusal;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// When a listener that found no room should try again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Something that changed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change<'a> {
    Tools,
    Prompts,
    Resources,
    Resource(&'a Arc<str>),
}

/// The listeners of one server.
pub(crate) struct Hub {
    limit: usize,
    relays: RwLock<Vec<Arc<Relay>>>,
    table: RwLock<Listeners>,
}

#[derive(Debug, Default)]
struct Listeners {
    next: u64,
    slots: HashMap<u64, Arc<Slot>>,
    closed: bool,
}

impl Hub {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            relays: RwLock::default(),
            table: RwLock::default(),
        }
    }

    /// Registers a listener until it is dropped.
    pub(crate) fn listen(self: &Arc<Self>, interest: Interest) -> Result<Listener, Refusal> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if table.closed {
            return Err(Refusal::shutting_down());
        }
        if table.slots.len() >= self.limit {
            return Err(Refusal::overloaded().with_retry_after(RETRY_AFTER));
        }
        let key = table.next;
        table.next += 1;
        let slot = Arc::new(Slot::new(interest));
        table.slots.insert(key, slot.clone());
        Ok(Listener::new(self.clone(), key, slot))
    }

    /// Marks a change for everybody who wants to know, here and where the relays lead.
    pub(crate) fn publish(&self, change: Change<'_>) {
        self.publish_here(change);
        // Not under the lock: a relay is somebody else's code.
        let relays = {
            let relays = self.relays.read().unwrap_or_else(PoisonError::into_inner);
            if relays.is_empty() {
                return;
            }
            relays.clone()
        };
        for relay in relays {
            relay(change.into());
        }
    }

    /// Adds a relay, for good.
    pub(crate) fn relay(&self, relay: Arc<Relay>) {
        let mut relays = self.relays.write().unwrap_or_else(PoisonError::into_inner);
        relays.push(relay);
    }

    /// Marks a change for everybody in this process who wants to know.
    pub(crate) fn publish_here(&self, change: Change<'_>) {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        for slot in table.slots.values() {
            slot.mark(change);
        }
    }

    /// Marks everything for everybody.
    pub(crate) fn mark_all(&self) {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        for slot in table.slots.values() {
            slot.mark_all();
        }
    }

    /// Ends every listener, now and from here on.
    pub(crate) fn close(&self) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.closed = true;
        for slot in table.slots.values() {
            slot.close(CloseReason::Shutdown);
        }
    }

    fn remove(&self, key: u64) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.slots.remove(&key);
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub")
            .field("limit", &self.limit)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
