//! A map whose rows expire.

use crate::bus::bounded;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// Rows by key, each until its time is over. A row that is over is never seen, and gone with the
/// next change.
#[derive(Debug)]
pub(super) struct Expiring<V> {
    rows: HashMap<Arc<str>, (V, Instant)>,
    /// The same rows, in the order in which they expire.
    order: BTreeSet<(Instant, Arc<str>)>,
}

impl<V> Expiring<V> {
    /// Drops what is over by now.
    pub(super) fn purge(&mut self) {
        let now = Instant::now();
        while let Some((expires, _)) = self.order.first()
            && *expires <= now
            && let Some((_, key)) = self.order.pop_first()
        {
            self.rows.remove(&key);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        let now = Instant::now();
        self.rows
            .get(key)
            .filter(|(_, expires)| *expires > now)
            .map(|(value, _)| value)
    }

    pub(super) fn insert(&mut self, key: &str, value: V, ttl: Duration) {
        self.remove(key);
        let key = Arc::<str>::from(key);
        let expires = Instant::now() + bounded(ttl);
        self.order.insert((expires, key.clone()));
        self.rows.insert(key, (value, expires));
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<V> {
        let (key, (value, expires)) = self.rows.remove_entry(key)?;
        self.order.remove(&(expires, key));
        Some(value)
    }

    /// All rows, with how long each still has.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &V, Duration)> {
        let now = Instant::now();
        let alive = self.rows.iter().filter(move |(_, row)| row.1 > now);
        alive.map(move |(key, (value, expires))| (&**key, value, *expires - now))
    }
}

impl<V> Default for Expiring<V> {
    fn default() -> Self {
        Self {
            rows: HashMap::new(),
            order: BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn rows_are_over_in_time_and_purged_with_the_next_change() {
        let mut rows = Expiring::default();
        rows.insert("short", 1, Duration::from_secs(1));
        rows.insert("long", 2, Duration::from_secs(10));
        rows.insert("longer", 3, Duration::from_secs(1));
        rows.insert("longer", 4, Duration::from_secs(20));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!((rows.get("short"), rows.len()), (None, 3));
        rows.purge();
        assert_eq!((rows.get("longer"), rows.len()), (Some(&4), 2));
        assert_eq!(rows.remove("long"), Some(2));
        let left: Vec<_> = rows.iter().collect();
        assert_eq!(left, [("longer", &4, Duration::from_secs(19))]);
        tokio::time::advance(Duration::from_secs(19)).await;
        rows.purge();
        assert_eq!((rows.len(), rows.order.len()), (0, 0));
    }
}
