//! Maps that are nearly always empty.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

/// A map that takes the room of a pointer while it is empty: a row of a session has some.
#[derive(Debug)]
pub(super) struct Seldom<K, V>(Option<Map<K, V>>);

/// Boxed, since an empty map is large.
type Map<K, V> = Box<HashMap<K, V>>;

impl<K, V> Default for Seldom<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K: Eq + Hash, V> Seldom<K, V> {
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.0.get_or_insert_default().insert(key, value);
    }

    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.as_ref()?.get(key)
    }

    pub(super) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let map = self.0.as_mut()?;
        let removed = map.remove(key);
        if map.is_empty() {
            self.0 = None;
        }
        removed
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().flat_map(|map| map.values())
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entry_takes_the_map_with_it() {
        let mut map = Seldom::default();
        assert_eq!(map.remove("a"), None);
        map.insert("a".to_owned(), 1);
        map.insert("b".to_owned(), 2);
        assert_eq!(map.get("a"), Some(&1));
        assert_eq!(map.values().sum::<i32>(), 3);
        assert_eq!(map.remove("a"), Some(1));
        assert!(!map.is_empty());
        assert_eq!(map.remove("b"), Some(2));
        assert!(map.is_empty());
    }
}
