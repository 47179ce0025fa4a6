//! Changes on their way to other replicas: told from code that cannot wait, sent by a task.

use crate::bus::{Bus, BusErrorKind};
use bytes::Bytes;
use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, task::AbortHandle};

/// How many different changes wait for a bus that is away.
const MOST: usize = 10_000;
/// How long to wait before the bus is tried again.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    added: Notify,
    sender: Mutex<Option<AbortHandle>>,
}

/// Changes are idempotent: each waits once.
#[derive(Default)]
struct Waiting {
    order: VecDeque<Bytes>,
    known: HashSet<Bytes>,
}

impl Outbox {
    /// An outbox, and the task that empties it.
    pub(super) fn start(bus: Arc<dyn Bus>) -> Arc<Self> {
        let outbox = Arc::new(Self::default());
        let sender = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.send(&*bus).await }
        });
        *lock(&outbox.sender) = Some(sender.abort_handle());
        outbox
    }

    pub(super) fn put(&self, note: Bytes) {
        let mut waiting = lock(&self.waiting);
        if waiting.order.len() >= MOST {
            tracing::warn!(target: "mcp", "too many changes wait for the bus: one is not passed on");
            return;
        }
        if waiting.known.insert(note.clone()) {
            waiting.order.push_back(note);
            self.added.notify_one();
        }
    }

    pub(super) fn end(&self) {
        if let Some(sender) = lock(&self.sender).take() {
            sender.abort();
        }
    }

    async fn send(&self, bus: &dyn Bus) {
        loop {
            let Some(note) = self.take() else {
                self.added.notified().await;
                continue;
            };
            while let Err(error) = bus.broadcast(note.clone()).await {
                if error.kind() != BusErrorKind::Unavailable {
                    tracing::warn!(target: "mcp", %error, "a change is not passed on");
                    break;
                }
                tracing::debug!(target: "mcp", %error, "a change waits for the bus");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    fn take(&self) -> Option<Bytes> {
        let mut waiting = lock(&self.waiting);
        let note = waiting.order.pop_front()?;
        waiting.known.remove(&note);
        Some(note)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing panics while a lock is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
