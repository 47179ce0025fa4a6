//! What the issuer remembers between requests.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Rows that expire, at most so many of them. When there is no room a new row is refused; one that
/// lives is never given up for it.
pub(super) struct Rows<V> {
    most: usize,
    rows: Mutex<HashMap<String, Row<V>>>,
}

struct Row<V> {
    expires: u64,
    value: V,
}

/// There is no room for another row.
#[derive(Debug)]
pub(super) struct Full;

impl<V> Rows<V> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            rows: Mutex::default(),
        }
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<String, Row<V>>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a row until a moment.
    pub(super) fn insert(&self, id: String, value: V, now: u64, expires: u64) -> Result<(), Full> {
        let mut rows = self.rows();
        if rows.len() >= self.most {
            rows.retain(|_, row| row.expires > now);
        }
        if rows.len() >= self.most {
            return Err(Full);
        }
        rows.insert(id, Row { expires, value });
        Ok(())
    }

    /// Looks at a row, or changes it, while nobody else does.
    pub(super) fn with<R>(&self, id: &str, now: u64, look: impl FnOnce(&mut V) -> R) -> Option<R> {
        let mut rows = self.rows();
        let row = rows.get_mut(id).filter(|row| row.expires > now)?;
        Some(look(&mut row.value))
    }

    /// Keeps a row for longer.
    pub(super) fn keep_until(&self, id: &str, expires: u64) {
        if let Some(row) = self.rows().get_mut(id) {
            row.expires = row.expires.max(expires);
        }
    }

    /// Gives a row away: only one caller gets it.
    pub(super) fn take(&self, id: &str, now: u64) -> Option<V> {
        let row = self.rows().remove(id)?;
        (row.expires > now).then_some(row.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_and_make_room() {
        let rows = Rows::new(2);
        rows.insert("a".into(), 1, 0, 10).unwrap();
        rows.insert("b".into(), 2, 0, 20).unwrap();
        assert!(rows.insert("c".into(), 3, 9, 20).is_err());
        assert_eq!(rows.with("a", 10, |value| *value), None);
        rows.insert("c".into(), 3, 10, 20).unwrap();
        assert_eq!(rows.with("b", 10, |value| *value), Some(2));
        rows.keep_until("b", 30);
        assert_eq!(rows.take("b", 29), Some(2));
        assert_eq!(rows.take("b", 29), None);
    }
}
