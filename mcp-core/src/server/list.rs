//! Ordered tables of entries, and pages of them.

use super::{Entry, Item, access::Access};
use crate::{
    principal::{Mount, Principal},
    protocol::{CacheHint, CacheScope, ErrorObject, Revision},
    response::Page,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::{BufMut, Bytes, BytesMut};
use std::{
    collections::{HashMap, hash_map},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
};

/// Entries in the order of their registration, found by key.
#[derive(Debug)]
pub(crate) struct Table<D> {
    entries: Vec<Arc<Entry<D>>>,
    index: HashMap<Arc<str>, usize>,
    /// All listed items, joined, once per revision.
    joined: [OnceLock<Bytes>; Revision::COUNT],
    /// Whether there is, was or may be an entry: what a client was told once stays true.
    offered: bool,
}

/// Whether an entry may take the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    Yes,
    No,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Added,
    Replaced,
    Taken,
}

impl<D> Clone for Table<D> {
    fn clone(&self) -> Self {
        Self {
            entries: self.entries.clone(),
            index: self.index.clone(),
            joined: self.joined.clone(),
            offered: self.offered,
        }
    }
}

impl<D> Default for Table<D> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            index: HashMap::new(),
            joined: Default::default(),
            offered: false,
        }
    }
}

impl<D: Item> Table<D> {
    pub(super) fn is_offered(&self) -> bool {
        self.offered
    }

    pub(super) fn offer(&mut self) {
        self.offered = true;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry with this key, if the caller can see it.
    pub(super) fn find(&self, key: &str, access: &Access<'_>) -> Option<&Arc<Entry<D>>> {
        self.get(key).filter(|entry| access.sees(entry))
    }

    /// The entry with this key, whoever asks.
    pub(super) fn get(&self, key: &str) -> Option<&Arc<Entry<D>>> {
        self.index
            .get(key)
            .and_then(|index| self.entries.get(*index))
    }

    /// An entry of a table under construction, which is its only owner.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Entry<D>> {
        let index = *self.index.get(key)?;
        Arc::get_mut(self.entries.get_mut(index)?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Entry<D>>> {
        self.entries.iter()
    }

    /// The entries that no other catalog shares: those that were added last.
    #[cfg(feature = "json-schema")]
    pub(super) fn unshared(&mut self) -> impl Iterator<Item = &mut Entry<D>> {
        self.entries.iter_mut().filter_map(Arc::get_mut)
    }

    pub(super) fn into_entries(self) -> impl Iterator<Item = Arc<Entry<D>>> {
        self.entries.into_iter()
    }

    /// Puts an entry at the end or, when it may, in the place of the one with its key.
    pub(super) fn put(&mut self, entry: Entry<D>, may: Replace) -> Put {
        let entry = Arc::new(entry);
        match self.index.entry(entry.definition.key().into()) {
            hash_map::Entry::Occupied(taken) => {
                let place = self.entries.get_mut(*taken.get());
                let Some(place) = place.filter(|_| may == Replace::Yes) else {
                    return Put::Taken;
                };
                *place = entry;
                self.joined = Default::default();
                Put::Replaced
            }
            hash_map::Entry::Vacant(place) => {
                place.insert(self.entries.len());
                self.entries.push(entry);
                self.joined = Default::default();
                self.offered = true;
                Put::Added
            }
        }
    }

    /// Removes an entry; tells where it was.
    pub(super) fn remove(&mut self, key: &str) -> Option<usize> {
        let removed = self.index.remove(key)?;
        self.entries.remove(removed);
        for index in self.index.values_mut().filter(|index| **index > removed) {
            *index -= 1;
        }
        self.joined = Default::default();
        Some(removed)
    }

    pub(super) fn clear(&mut self) {
        *self = Self {
            offered: self.offered,
            ..Self::default()
        };
    }

    /// Whether clients see the same list in both.
    pub(super) fn lists_the_same(&self, other: &Self) -> bool {
        let newest = Revision::NEWEST_MODERN;
        let same = |(one, other): (&Entry<D>, &Entry<D>)| {
            std::ptr::eq(one, other) || one.rendered(newest) == other.rendered(newest)
        };
        self.listed(0).count() == other.listed(0).count()
            && self.listed(0).zip(other.listed(0)).all(same)
    }

    /// One page of the listed entries.
    pub(super) fn page(&self, query: &PageQuery<'_>) -> Result<Page, ErrorObject> {
        let mut cache = query.cache;
        let varies = self.entries.iter().any(|entry| query.access.varies(entry));
        if varies {
            cache.cache_scope = CacheScope::Private;
        }
        let page = |items, next_cursor| Page {
            member: query.member,
            items,
            next_cursor,
            cache,
        };
        let revision = query.revision;
        if query.page_size.is_none() && query.cursor.is_none() && !varies {
            let items = self.joined[revision.index()].get_or_init(|| {
                let (items, _) = join(self.listed(0), revision, usize::MAX);
                items
            });
            return Ok(page(items.clone(), None));
        }
        let start = match query.cursor {
            Some(cursor) => self.position_after(&query.open(cursor)?, &query.access)?,
            None => 0,
        };
        let size = query.page_size.unwrap_or(usize::MAX);
        // Without filters this repeats what `listed` asks, and no more.
        let shown = self.listed(start).filter(|entry| query.access.lists(entry));
        let (items, last) = join(shown, revision, size);
        let next = last.map(|key| query.seal(key));
        Ok(page(items, next))
    }

    fn listed(&self, start: usize) -> impl Iterator<Item = &Entry<D>> {
        let rest = self.entries.get(start..).unwrap_or_default();
        let rest = rest.iter().map(|entry| &**entry);
        rest.filter(|entry| !entry.options.is_unlisted())
    }

    fn position_after(&self, key: &str, access: &Access<'_>) -> Result<usize, ErrorObject> {
        // An item that has been removed since ends the list early rather than repeating items.
        // One that the caller cannot see is as unknown to cursors as it is to calls.
        let entry = self.get(key).filter(|entry| access.lists(entry));
        let position = entry.and_then(|_| self.index.get(key));
        position.map(|index| index + 1).ok_or_else(bad_cursor)
    }
}

/// Joins up to `size` items, and tells the key of the last when more follow.
fn join<'a, D: Item>(
    mut entries: impl Iterator<Item = &'a Entry<D>>,
    revision: Revision,
    size: usize,
) -> (Bytes, Option<&'a str>) {
    let mut joined = BytesMut::new();
    let mut last = None;
    for entry in entries.by_ref().take(size) {
        if !joined.is_empty() {
            joined.put_u8(b',');
        }
        joined.put_slice(entry.rendered(revision));
        last = Some(entry.definition.key());
    }
    let more = entries.next().is_some();
    (joined.freeze(), last.filter(|_| more))
}

/// What a list is asked for, and by whom.
#[derive(Debug)]
pub(super) struct PageQuery<'a> {
    pub(super) member: &'static str,
    pub(super) revision: Revision,
    pub(super) cursor: Option<&'a str>,
    pub(super) page_size: Option<usize>,
    pub(super) cache: CacheHint,
    pub(super) principal: &'a Principal,
    pub(super) mount: &'a Mount,
    pub(super) access: Access<'a>,
}

impl PageQuery<'_> {
    /// A cursor names the last item of its page and belongs to one list, mount and principal.
    ///
    /// It holds no secret and grants nothing, so a keyless digest is enough to notice one that
    /// strayed; every replica of the same program computes the same.
    fn seal(&self, key: &str) -> String {
        let mut cursor = self.owner().to_be_bytes().to_vec();
        cursor.extend_from_slice(key.as_bytes());
        URL_SAFE_NO_PAD.encode(cursor)
    }

    fn open(&self, cursor: &str) -> Result<String, ErrorObject> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())?;
        let (owner, key) = bytes.split_first_chunk().ok_or_else(bad_cursor)?;
        if u64::from_be_bytes(*owner) != self.owner() {
            return Err(bad_cursor());
        }
        String::from_utf8(key.to_vec()).map_err(|_| bad_cursor())
    }

    fn owner(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.member, self.principal, self.mount).hash(&mut hasher);
        hasher.finish()
    }
}

fn bad_cursor() -> ErrorObject {
    ErrorObject::invalid_params("unknown cursor")
}

/// One of the lists of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum List {
    /// `tools/list`.
    Tools,
    /// `prompts/list`.
    Prompts,
    /// `resources/list`.
    Resources,
    /// `resources/templates/list`.
    Templates,
}

impl List {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tools, Self::Prompts, Self::Resources, Self::Templates];

    /// The member of the result that holds the items.
    pub(super) const fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
        }
    }
}

/// Cache hints per list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Caches {
    lists: [CacheHint; List::ALL.len()],
    pub(super) discover: CacheHint,
}

impl Caches {
    pub(super) fn list(&self, list: List) -> CacheHint {
        self.lists[list as usize]
    }

    pub(super) fn set_list(&mut self, list: List, hint: CacheHint) {
        self.lists[list as usize] = hint;
    }
}
