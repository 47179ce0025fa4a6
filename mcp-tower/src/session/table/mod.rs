//! The sessions in which something is alive, and those that have ended early.
//!
//! Most sessions are neither, and asking about them costs one atomic load: no lock, no digest.

use super::{
    key::{Place, SessionKey},
    row::Row,
};
use mcp_core::Refusal;
use std::{
    collections::{HashMap, hash_map},
    ops::Deref,
    sync::{
        Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU16, AtomicUsize, Ordering},
    },
};
use tokio::time::Instant;

const SHARDS: usize = 16;

#[derive(Default)]
pub(super) struct Table {
    /// How many entries each place has, so that the shards need not be asked when there is none.
    /// Made with the first entry.
    present: OnceLock<Box<[AtomicU16]>>,
    shards: [RwLock<HashMap<SessionKey, Entry>>; SHARDS],
    ended: AtomicUsize,
    live: AtomicUsize,
}

enum Entry {
    Live(Arc<Row>),
    /// Remembered until then.
    Ended(Instant),
}

/// What is known of a session.
pub(super) enum Found {
    Nothing,
    Live(RowGuard),
    Ended,
}

/// Why a session has no row.
pub(super) enum EnterError {
    Ended,
    Refused(Refusal),
}

impl Table {
    /// What is known of the session whose place this is; `key` is only made when it is needed.
    pub(super) fn find(self: &Arc<Self>, place: Place, key: impl FnOnce() -> SessionKey) -> Found {
        if !self.may_have(place) {
            return Found::Nothing;
        }
        let key = key();
        match self.read(key).get(&key) {
            None => Found::Nothing,
            Some(Entry::Live(row)) => Found::Live(RowGuard::new(self, row)),
            Some(Entry::Ended(until)) if *until > Instant::now() => Found::Ended,
            Some(Entry::Ended(_)) => Found::Nothing,
        }
    }

    /// The row of a session, made when there is none.
    pub(super) fn enter(
        self: &Arc<Self>,
        key: SessionKey,
        make: impl FnOnce() -> Result<Row, Refusal>,
    ) -> Result<RowGuard, EnterError> {
        let mut shard = self.write(key);
        match shard.get(&key) {
            Some(Entry::Live(row)) => return Ok(RowGuard::new(self, row)),
            Some(Entry::Ended(until)) if *until > Instant::now() => return Err(EnterError::Ended),
            Some(Entry::Ended(_)) => self.forget(&mut shard, key),
            None => {}
        }
        let row = Arc::new(make().map_err(EnterError::Refused)?);
        let guard = RowGuard::new(self, &row);
        shard.insert(key, Entry::Live(row));
        self.live.fetch_add(1, Ordering::SeqCst);
        self.mark(key.place);
        Ok(guard)
    }

    /// Remembers that a session has ended, with at most `most` others, and hands out its row.
    /// `None` when there is no room.
    pub(super) fn end(
        self: &Arc<Self>,
        key: SessionKey,
        until: Instant,
        most: usize,
    ) -> Option<Option<RowGuard>> {
        let room = |ended: usize| (ended < most).then_some(ended + 1);
        let mut shard = self.write(key);
        if let Some(Entry::Ended(_)) = shard.get(&key) {
            return Some(None);
        }
        self.ended
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, room)
            .ok()?;
        match shard.insert(key, Entry::Ended(until)) {
            Some(Entry::Live(row)) => {
                self.live.fetch_sub(1, Ordering::Relaxed);
                Some(Some(RowGuard::new(self, &row)))
            }
            _ => {
                self.mark(key.place);
                Some(None)
            }
        }
    }

    /// Drops rows in which nothing is alive any more, and what need not be remembered. Returns how
    /// many rows are left.
    pub(super) fn sweep(&self) -> usize {
        let now = Instant::now();
        for row in self.rows() {
            drop(row.streams.sweep(now));
        }
        // Outside of the locks, since what a row holds may look at the table.
        let mut dropped = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            let over: Vec<_> = shard
                .iter()
                .filter(|(_, entry)| match entry {
                    // Whoever else has the row uses it.
                    Entry::Live(row) => Arc::strong_count(row) == 1 && row.is_over(now),
                    Entry::Ended(until) => *until <= now,
                })
                .map(|(key, _)| *key)
                .collect();
            for key in over {
                dropped.extend(self.take(&mut shard, key));
            }
        }
        self.live.load(Ordering::SeqCst)
    }

    fn rows(&self) -> Vec<Arc<Row>> {
        let mut rows = Vec::with_capacity(self.live());
        for shard in &self.shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            rows.extend(shard.values().filter_map(|entry| match entry {
                Entry::Live(row) => Some(row.clone()),
                Entry::Ended(_) => None,
            }));
        }
        rows
    }

    /// How many sessions have something alive.
    pub(super) fn live(&self) -> usize {
        self.live.load(Ordering::SeqCst)
    }

    /// Drops a row that its last user has left with nothing in it.
    fn release(&self, row: &Arc<Row>) {
        drop(row.streams.sweep(Instant::now()));
        if !row.is_vacant() {
            return;
        }
        let key = row.key();
        let dropped = {
            let mut shard = self.write(key);
            // The table's and the caller's; nobody gets another one meanwhile.
            match shard.get(&key) {
                Some(Entry::Live(live))
                    if Arc::ptr_eq(live, row) && Arc::strong_count(row) == 2 && row.is_vacant() =>
                {
                    self.take(&mut shard, key)
                }
                _ => None,
            }
        };
        drop(dropped);
    }

    fn forget(&self, shard: &mut HashMap<SessionKey, Entry>, key: SessionKey) {
        drop(self.take(shard, key));
    }

    /// Removes an entry; a row is for the caller to drop, outside the lock.
    fn take(&self, shard: &mut HashMap<SessionKey, Entry>, key: SessionKey) -> Option<Arc<Row>> {
        let hash_map::Entry::Occupied(entry) = shard.entry(key) else {
            return None;
        };
        self.unmark(key.place);
        match entry.remove() {
            Entry::Live(row) => {
                self.live.fetch_sub(1, Ordering::Relaxed);
                Some(row)
            }
            Entry::Ended(_) => {
                self.ended.fetch_sub(1, Ordering::Relaxed);
                None
            }
        }
    }

    fn may_have(&self, place: Place) -> bool {
        let present = self.present.get();
        // Whoever makes an entry answers its client afterwards.
        present.is_some_and(|present| present[usize::from(place.0)].load(Ordering::Acquire) > 0)
    }

    fn mark(&self, place: Place) {
        let places = || (0..=u16::MAX).map(|_| AtomicU16::new(0)).collect();
        let present = self.present.get_or_init(places);
        present[usize::from(place.0)].fetch_add(1, Ordering::Release);
    }

    fn unmark(&self, place: Place) {
        if let Some(present) = self.present.get() {
            present[usize::from(place.0)].fetch_sub(1, Ordering::Release);
        }
    }

    fn read(&self, key: SessionKey) -> RwLockReadGuard<'_, HashMap<SessionKey, Entry>> {
        // Nothing panics while a lock is held.
        self.shard(key)
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key: SessionKey) -> RwLockWriteGuard<'_, HashMap<SessionKey, Entry>> {
        self.shard(key)
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, key: SessionKey) -> &RwLock<HashMap<SessionKey, Entry>> {
        &self.shards[usize::from(key.place.0) % SHARDS]
    }
}

/// A use of a row: while there is one, the row stays. The last one to go drops a row in which
/// nothing is left.
pub(crate) struct RowGuard {
    table: Arc<Table>,
    row: Arc<Row>,
}

impl RowGuard {
    fn new(table: &Arc<Table>, row: &Arc<Row>) -> Self {
        Self {
            table: table.clone(),
            row: row.clone(),
        }
    }
}

impl Clone for RowGuard {
    fn clone(&self) -> Self {
        Self::new(&self.table, &self.row)
    }
}

impl Deref for RowGuard {
    type Target = Row;

    fn deref(&self) -> &Row {
        &self.row
    }
}

impl Drop for RowGuard {
    fn drop(&mut self) {
        self.row.used_now();
        self.table.release(&self.row);
    }
}

#[cfg(test)]
mod tests;
