//! Answers that are remembered for a while, and never more than so many.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Values by the digest of their token.
///
/// There are two generations. When the young one has half of what may be kept, it becomes the old
/// one, and the old one is forgotten: no insertion costs more than another, and what is used again
/// stays.
pub(super) struct Cache<V> {
    capacity: usize,
    generations: Mutex<Generations<V>>,
}

struct Generations<V> {
    young: HashMap<[u8; 32], (V, Instant)>,
    old: HashMap<[u8; 32], (V, Instant)>,
}

impl<V: Clone> Cache<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
            }),
        }
    }

    pub(super) fn get(&self, key: &[u8; 32], now: Instant) -> Option<V> {
        let mut generations = self.lock();
        let good = |entry: &&(V, Instant)| now < entry.1;
        if let Some((value, _)) = generations.young.get(key).filter(good) {
            return Some(value.clone());
        }
        let entry = generations.old.get(key).filter(good)?.clone();
        let value = entry.0.clone();
        generations.insert(*key, entry, self.capacity);
        Some(value)
    }

    pub(super) fn insert(&self, key: [u8; 32], value: V, now: Instant, ttl: Duration) {
        // A time so far away that it cannot be told is no reason to remember.
        if let Some(until) = now.checked_add(ttl).filter(|until| now < *until) {
            self.lock().insert(key, (value, until), self.capacity);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations<V>> {
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Generations<V> {
    fn insert(&mut self, key: [u8; 32], entry: (V, Instant), capacity: usize) {
        let half = capacity / 2;
        if half == 0 {
            return;
        }
        if self.young.len() >= half && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn it_never_keeps_more_than_it_may() {
        let cache = Cache::new(10);
        let now = Instant::now();
        for n in 0..100 {
            cache.insert([n; 32], n, now, LONG);
            // This one is used all the time.
            assert_eq!(cache.get(&[0; 32], now), Some(0));
            let generations = cache.lock();
            assert!(generations.young.len() + generations.old.len() <= 10);
        }
        assert_eq!(cache.get(&[99; 32], now), Some(99));
        assert_eq!(cache.get(&[50; 32], now), None);
    }

    #[test]
    fn it_forgets_in_time() {
        let cache = Cache::new(10);
        let now = Instant::now();
        cache.insert([1; 32], (), now, LONG);
        cache.insert([2; 32], (), now, Duration::ZERO);
        assert!(
            cache
                .get(&[1; 32], now + LONG - Duration::from_nanos(1))
                .is_some()
        );
        assert!(cache.get(&[1; 32], now + LONG).is_none());
        assert!(cache.get(&[2; 32], now).is_none());
    }

    #[test]
    fn it_may_keep_nothing() {
        let cache = Cache::new(0);
        cache.insert([1; 32], (), Instant::now(), LONG);
        assert!(cache.get(&[1; 32], Instant::now()).is_none());
    }
}
