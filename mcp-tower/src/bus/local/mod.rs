//! A bus within this process.

mod expiring;
mod log;

use self::{expiring::Expiring, log::Logs};
use super::{
    Bus, BusError, BusLimits, Deliveries, Delivery, DeliverySender, Fact, ReplicaId, bounded,
    limits::TOO_MANY_FACTS,
};
use bytes::Bytes;
use mcp_core::BoxFuture;
use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// A bus within this process: for several servers side by side, and for tests of several replicas.
///
/// A clone is another process to the others, on the same medium. Nothing is spawned, and only
/// [`read`](Bus::read) needs a runtime (its timer).
pub struct LocalBus {
    /// Tells what came through this value from what came through its clones.
    endpoint: u64,
    medium: Arc<Medium>,
}

#[derive(Default)]
struct Medium {
    limits: BusLimits,
    /// How many clones there have been.
    clones: AtomicU64,
    operations: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    listeners: Vec<Listener>,
    facts: Expiring<Bytes>,
    logs: Logs,
}

struct Listener {
    endpoint: u64,
    replica: ReplicaId,
    sender: DeliverySender,
}

impl LocalBus {
    /// A bus of its own, with the limits of [`BusLimits::new`].
    pub fn new() -> Self {
        Self::with_limits(BusLimits::new())
    }

    /// A bus of its own.
    pub fn with_limits(limits: BusLimits) -> Self {
        Self {
            endpoint: 0,
            medium: Arc::new(Medium {
                limits,
                ..Medium::default()
            }),
        }
    }

    /// How many operations this bus and its clones have been asked for: what needs no bus leaves
    /// this as it is.
    pub fn operations(&self) -> u64 {
        self.medium.operations.load(Ordering::Relaxed)
    }

    /// Completes when all replicas have done whatever they were told to.
    #[cfg(feature = "testing")]
    pub(crate) async fn settled(&self) {
        let is_settled = || {
            let state = self.medium.lock();
            let mut listeners = state.listeners.iter();
            listeners.all(|listener| listener.sender.is_settled())
        };
        // Those who listen are tasks, which nobody can wait for: this one lets them go first.
        while !is_settled() {
            tokio::task::yield_now().await;
        }
    }

    /// Counts an operation and gives access to what is kept.
    fn operate(&self) -> MutexGuard<'_, State> {
        self.medium.operations.fetch_add(1, Ordering::Relaxed);
        self.medium.lock()
    }

    async fn read_in_time(
        &self,
        log: &str,
        after: u64,
        wait: Duration,
    ) -> Result<Vec<Bytes>, BusError> {
        let deadline = Instant::now() + wait.min(super::LONGEST);
        let mut known = self.operate().logs.read(log, after);
        if known.is_none() {
            return Err(BusError::unknown());
        }
        // A log that expires meanwhile has no further entry.
        while let Some((entries, appended)) = known {
            if !entries.is_empty() || timeout_at(deadline, appended).await.is_err() {
                return Ok(entries);
            }
            known = self.medium.lock().logs.read(log, after);
        }
        Ok(Vec::new())
    }
}

impl Bus for LocalBus {
    fn join(&self, replica: ReplicaId) -> BoxFuture<'_, Result<Deliveries, BusError>> {
        Box::pin(async move {
            let (sender, deliveries) = Deliveries::channel(self.medium.limits);
            let mut state = self.operate();
            state
                .listeners
                .retain(|listener| !listener.sender.is_closed());
            state.listeners.push(Listener {
                endpoint: self.endpoint,
                replica,
                sender,
            });
            Ok(deliveries)
        })
    }

    fn broadcast(&self, message: Bytes) -> BoxFuture<'_, Result<(), BusError>> {
        Box::pin(async move {
            let state = self.operate();
            self.medium.limits.check_message(&message)?;
            state.tell_others(self.endpoint, &Delivery::Message(message));
            Ok(())
        })
    }

    fn send(&self, to: ReplicaId, message: Bytes) -> BoxFuture<'_, Result<(), BusError>> {
        Box::pin(async move {
            let state = self.operate();
            self.medium.limits.check_message(&message)?;
            let listens =
                |listener: &&Listener| listener.replica == to && !listener.sender.is_closed();
            let mut listeners = state.listeners.iter().filter(listens).peekable();
            if listeners.peek().is_none() {
                return Err(BusError::unreachable());
            }
            listeners
                .for_each(|listener| listener.sender.deliver(Delivery::Message(message.clone())));
            Ok(())
        })
    }

    fn remember<'a>(
        &'a self,
        key: &'a str,
        value: Bytes,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), BusError>> {
        Box::pin(async move {
            let mut state = self.operate();
            self.medium.limits.check_fact(key, &value)?;
            state.facts.purge();
            if state.facts.get(key).is_none() && state.facts.len() >= self.medium.limits.facts {
                return Err(TOO_MANY_FACTS);
            }
            state.facts.insert(key, value.clone(), ttl);
            let fact = Fact::new(key.to_owned(), value, bounded(ttl));
            state.tell_others(self.endpoint, &Delivery::Remembered(fact));
            Ok(())
        })
    }

    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), BusError>> {
        Box::pin(async move {
            let mut state = self.operate();
            self.medium.limits.check_key(key)?;
            state.facts.remove(key);
            state.tell_others(self.endpoint, &Delivery::Forgotten(key.to_owned()));
            Ok(())
        })
    }

    fn facts(&self) -> BoxFuture<'_, Result<Vec<Fact>, BusError>> {
        Box::pin(async move {
            let state = self.operate();
            let facts = state.facts.iter();
            Ok(facts
                .map(|(key, value, ttl)| Fact::new(key.to_owned(), value.clone(), ttl))
                .collect())
        })
    }

    fn append<'a>(
        &'a self,
        log: &'a str,
        entries: Vec<Bytes>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), BusError>> {
        Box::pin(async move {
            let limits = &self.medium.limits;
            self.operate().logs.append(log, entries, ttl, limits)
        })
    }

    fn read<'a>(
        &'a self,
        log: &'a str,
        after: u64,
        wait: Duration,
    ) -> BoxFuture<'a, Result<Vec<Bytes>, BusError>> {
        Box::pin(self.read_in_time(log, after, wait))
    }
}

impl Medium {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell_others(&self, endpoint: u64, delivery: &Delivery) {
        let others = |listener: &&Listener| listener.endpoint != endpoint;
        for listener in self.listeners.iter().filter(others) {
            listener.sender.deliver(delivery.clone());
        }
    }
}

impl Clone for LocalBus {
    fn clone(&self) -> Self {
        Self {
            // The first value is number 0.
            endpoint: self.medium.clones.fetch_add(1, Ordering::Relaxed) + 1,
            medium: self.medium.clone(),
        }
    }
}

impl Default for LocalBus {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalBus")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "testing")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_keeps_the_contract() {
        use crate::bus::contract;

        contract::all(async || {
            let bus = LocalBus::with_limits(contract::limits());
            contract::pair(bus.clone(), bus)
        })
        .await;
    }

    #[tokio::test]
    async fn operations_of_all_clones_are_counted_together() -> Result<(), BusError> {
        let bus = LocalBus::new();
        let clone = bus.clone();
        assert_eq!(bus.operations(), 0);
        bus.broadcast(Bytes::new()).await?;
        assert_eq!(clone.facts().await?, []);
        assert_eq!((bus.operations(), clone.operations()), (2, 2));
        Ok(())
    }
}
