//! States that were used already, for calls that must never go the same way twice.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Remembers which states were used, in this process, until they expire.
#[derive(Clone)]
pub(crate) struct OneShot {
    capacity: usize,
    /// When each used state expires, in seconds since the epoch.
    used: Arc<Mutex<HashMap<String, u64>>>,
}

/// Why a state cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It was used before.
    Spent,
    /// There is no room to remember it; forgetting another would let that one be used again.
    Full,
}

impl OneShot {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            used: Arc::default(),
        }
    }

    /// Marks a state as used.
    pub(super) fn spend(&self, state: String, expires: u64, now: u64) -> Result<(), Unusable> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.contains_key(&state) {
            return Err(Unusable::Spent);
        }
        if used.len() >= self.capacity {
            used.retain(|_, expires| *expires > now);
        }
        if used.len() >= self.capacity {
            return Err(Unusable::Full);
        }
        used.insert(state, expires);
        Ok(())
    }
}

impl fmt::Debug for OneShot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneShot")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_used_once_and_none_is_forgotten_early() {
        let one_shot = OneShot::new(2);
        let spend = |state: &str, now| one_shot.spend(state.to_owned(), 100, now);
        assert_eq!(spend("a", 0), Ok(()));
        assert_eq!(spend("a", 0), Err(Unusable::Spent));
        assert_eq!(spend("b", 0), Ok(()));
        assert_eq!(spend("c", 0), Err(Unusable::Full));
        assert_eq!(spend("c", 100), Ok(()));
    }
}
