//! When the flow of each key is even again: bounded, and without anybody who is owed nothing.

use super::Quota;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Parts with a lock each. A small table has one part, so that its limit is exact.
const MOST_PARTS: usize = 16;
const SMALLEST_PART: usize = 1_024;
/// A part that is full is not searched for idle keys more often than this, in nanoseconds.
const SEARCH_AGAIN: u64 = 1_000_000_000;

#[derive(Debug)]
pub(super) struct Table {
    quota: Quota,
    parts: Box<[Mutex<Part>]>,
    most: usize,
}

#[derive(Debug)]
struct Part {
    even: HashMap<u128, u64>,
    /// At this many keys the idle ones are dropped.
    search_at: usize,
    /// When a full part may be searched again.
    search_from: u64,
    /// The one quota of all that find no place.
    crowd: u64,
}

impl Table {
    /// A table for so many keys, at least one.
    pub(super) fn new(quota: Quota, keys: usize) -> Self {
        let parts = (keys / SMALLEST_PART).clamp(1, MOST_PARTS);
        let part = || {
            Mutex::new(Part {
                even: HashMap::new(),
                search_at: 0,
                search_from: 0,
                crowd: 0,
            })
        };
        Self {
            quota,
            parts: (0..parts).map(|_| part()).collect(),
            most: keys.div_ceil(parts).max(1),
        }
    }

    /// Takes one call of a key at `now`.
    ///
    /// # Errors
    /// How long there is to wait.
    pub(super) fn take(&self, key: u128, now: u64) -> Result<(), Duration> {
        let index = (key % self.parts.len() as u128) as usize;
        let mut part = self.parts[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let part = &mut *part;
        if let Some(even) = part.even.get_mut(&key) {
            *even = self.quota.take(*even, now)?;
            return Ok(());
        }
        if part.has_room(self.most, now) {
            part.even.insert(key, self.quota.take(0, now)?);
        } else {
            part.crowd = self.quota.take(part.crowd, now)?;
        }
        Ok(())
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let len = |part: &Mutex<Part>| part.lock().unwrap().even.len();
        self.parts.iter().map(len).sum()
    }
}

impl Part {
    /// Whether there is room for another key, after a search for idle ones where that is due. A
    /// key whose quota is full again is as good as unknown.
    fn has_room(&mut self, most: usize, now: u64) -> bool {
        let is_full = self.even.len() >= most;
        let search = if is_full {
            now >= self.search_from
        } else {
            self.even.len() >= self.search_at
        };
        if search {
            self.even.retain(|_, even| *even > now);
            // Twice what is in use: the cost of searches stays in proportion to that of growing.
            self.search_at = (2 * self.even.len()).max(SMALLEST_PART);
            self.search_from = now.saturating_add(SEARCH_AGAIN);
        }
        self.even.len() < most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn keys_count_apart() {
        let table = Table::new(Quota::per_second(1), 10);
        assert_eq!(table.take(1, 0), Ok(()));
        assert_eq!(table.take(1, 0), Err(Duration::from_secs(1)));
        assert_eq!(table.take(2, 0), Ok(()));
        assert_eq!(table.take(1, SECOND), Ok(()));
    }

    #[test]
    fn who_finds_no_place_shares_one() {
        let table = Table::new(Quota::per_minute(2), 2);
        let minute = 60 * SECOND;
        for key in [1, 2, 1, 2] {
            assert_eq!(table.take(key, minute), Ok(()));
        }
        // Two calls, whoever makes them.
        assert_eq!(table.take(3, minute), Ok(()));
        assert_eq!(table.take(4, minute), Ok(()));
        for key in 3..1_000 {
            assert_eq!(table.take(key, minute), Err(Duration::from_secs(30)));
        }
        assert_eq!(table.len(), 2);
        // Nobody who is waiting was forgotten.
        assert_eq!(table.take(1, minute), Err(Duration::from_secs(30)));
        // Both quotas are full again: there is room for others.
        assert_eq!(table.take(5, 2 * minute), Ok(()));
        assert_eq!(table.take(6, 2 * minute), Ok(()));
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn a_full_table_is_not_searched_for_every_stranger() {
        let table = Table::new(Quota::per_second(2), 1);
        assert_eq!(table.take(1, 0), Ok(()));
        assert_eq!(table.take(2, 0), Ok(()), "one of the crowd");
        // Key 1 is idle, but a search was made not long ago.
        assert_eq!(table.take(3, SECOND - 1), Ok(()), "one of the crowd");
        assert_eq!(table.take(1, SECOND - 1), Ok(()));
        assert_eq!(table.take(1, SECOND - 1), Ok(()));
        assert!(table.take(1, SECOND - 1).is_err(), "it has kept its place");
        // Half of its quota is missing, so it stays; a second later there is room.
        assert_eq!(table.take(4, 2 * SECOND - 2), Ok(()), "one of the crowd");
        assert_eq!(table.take(5, 3 * SECOND), Ok(()));
        assert_eq!(
            table.parts[0]
                .lock()
                .unwrap()
                .even
                .keys()
                .collect::<Vec<_>>(),
            [&5]
        );
    }

    #[test]
    fn a_large_table_is_split_and_bounded_and_cleaned() {
        let table = Table::new(Quota::per_second(1), 16 * 1_024);
        assert_eq!(table.parts.len(), 16);
        for key in 0..100_000 {
            // One after the other: only the last thousand are not idle.
            let _ = table.take(key, u64::try_from(key).unwrap() * SECOND / 1_000);
        }
        assert!(table.len() <= 16 * 1_024, "{}", table.len());
        for part in &table.parts {
            let part = part.lock().unwrap();
            assert!(part.even.len() <= 1_024);
        }
    }
}
