//! The calls that run on one connection.

use super::queue::{Queue, WeakQueue};
use crate::{
    call::{CancelReason, Link},
    protocol::RequestId,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// The calls that run on one connection, until the last of them is done after the end has begun.
pub(super) struct Calls {
    table: Mutex<Table>,
    over: Notify,
}

struct Table {
    next: u64,
    running: HashMap<u64, Running>,
    /// Those that can be cancelled. A client that uses an id twice at once can cancel the later
    /// call only.
    by_id: HashMap<RequestId, u64>,
    /// Gone when the end has begun and nothing runs any more.
    queue: Option<Queue>,
    ending: bool,
}

struct Running {
    id: Option<RequestId>,
    link: Arc<Link>,
    is_stream: bool,
}

impl Calls {
    pub(super) fn new(queue: Queue) -> Self {
        Self {
            table: Mutex::new(Table {
                next: 0,
                running: HashMap::new(),
                by_id: HashMap::new(),
                queue: Some(queue),
                ending: false,
            }),
            over: Notify::new(),
        }
    }

    /// A place for a call; none when the end has begun. Without an id it cannot be cancelled.
    pub(super) fn enter(
        self: &Arc<Self>,
        id: Option<RequestId>,
        link: &Arc<Link>,
        is_stream: bool,
    ) -> Option<Place> {
        let mut table = self.lock();
        let queue = table.queue.clone().filter(|_| !table.ending)?;
        let number = table.next;
        table.next += 1;
        if let Some(id) = &id {
            table.by_id.insert(id.clone(), number);
        }
        let running = Running {
            id,
            link: link.clone(),
            is_stream,
        };
        table.running.insert(number, running);
        Some(Place {
            calls: self.clone(),
            number,
            queue,
        })
    }

    /// Where answers go that need no call; nowhere once it is over.
    pub(super) fn queue(&self) -> Option<Queue> {
        self.lock().queue.clone()
    }

    pub(super) fn weak_queue(&self) -> Option<WeakQueue> {
        self.lock().queue.as_ref().map(Queue::downgrade)
    }

    /// Stops a call, when there is one with this id.
    pub(super) fn cancel(&self, id: &RequestId) {
        let link = {
            let table = self.lock();
            let number = table.by_id.get(id);
            let running = number.and_then(|number| table.running.get(number));
            running.map(|running| running.link.clone())
        };
        if let Some(link) = link {
            link.cancel(CancelReason::Requested);
        }
    }

    /// Takes no more calls.
    pub(super) fn end(&self) {
        let queue = {
            let mut table = self.lock();
            table.ending = true;
            self.settle(&mut table)
        };
        drop(queue);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.lock().ending
    }

    /// Stops what only waits for changes, or everything.
    pub(super) fn stop(&self, streams_only: bool) {
        let links: Vec<_> = {
            let table = self.lock();
            let running = table.running.values();
            running
                .filter(|running| running.is_stream || !streams_only)
                .map(|running| running.link.clone())
                .collect()
        };
        for link in links {
            link.cancel(CancelReason::Disconnected);
        }
    }

    /// Completes when the end has begun and nothing runs.
    pub(super) async fn over(&self) {
        loop {
            let mut over = std::pin::pin!(self.over.notified());
            over.as_mut().enable();
            if self.lock().queue.is_none() {
                return;
            }
            over.await;
        }
    }

    /// Gives up the queue, for the caller to drop outside of the lock, when it is over.
    #[must_use]
    fn settle(&self, table: &mut Table) -> Option<Queue> {
        if !table.ending || !table.running.is_empty() {
            return None;
        }
        self.over.notify_waiters();
        table.queue.take()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while the lock is held.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a call among those that run.
pub(super) struct Place {
    calls: Arc<Calls>,
    number: u64,
    pub(super) queue: Queue,
}

impl Drop for Place {
    fn drop(&mut self) {
        let gone = {
            let mut table = self.calls.lock();
            let running = table.running.remove(&self.number);
            // A later call may have taken the id.
            if let Some(id) = running.as_ref().and_then(|running| running.id.as_ref())
                && table.by_id.get(id) == Some(&self.number)
            {
                table.by_id.remove(id);
            }
            (running, self.calls.settle(&mut table))
        };
        drop(gone);
    }
}
