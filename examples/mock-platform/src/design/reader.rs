//! Values of a document that know where they are.

use super::fault::DesignFaults as Faults;
use serde_json::{Map, Value};

/// The longest name that is repeated in a fault, in characters.
const LONGEST_NAME: usize = 64;

/// A value, and its JSON Pointer.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) path: String,
}

/// An object, whose unknown members were told already.
#[derive(Debug)]
pub(super) struct Object<'a> {
    members: &'a Map<String, Value>,
    pub(super) path: String,
}

pub(super) fn member_path(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// `; did you mean "x"?`, where something is near.
pub(super) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    const NEAR: f64 = 0.8;
    let scored = candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    let near = scored.filter(|(score, _)| *score > NEAR && name.len() <= LONGEST_NAME);
    match near.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((_, best)) => format!("; did you mean \"{best}\"?"),
        None => String::new(),
    }
}

/// The beginning of a name that may be long.
pub(super) fn short(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        let path = String::new();
        Self { value, path }
    }

    pub(super) fn fault(&self, faults: &mut Faults, reason: impl Into<String>) {
        faults.add(&self.path, reason);
    }

    /// Its members, of which only these are known.
    pub(super) fn object(&self, known: &[&str], faults: &mut Faults) -> Option<Object<'a>> {
        let Value::Object(members) = self.value else {
            self.fault(faults, "expected an object");
            return None;
        };
        for name in members
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            let near = did_you_mean(name, known.iter().copied());
            let reason = format!("unknown member \"{}\"{near}", short(name));
            faults.add(&member_path(&self.path, name), reason);
        }
        let path = self.path.clone();
        Some(Object { members, path })
    }

    pub(super) fn array(&self, max: usize, faults: &mut Faults) -> Option<Vec<Node<'a>>> {
        let Value::Array(items) = self.value else {
            self.fault(faults, "expected an array");
            return None;
        };
        if items.len() > max {
            self.fault(faults, format!("expected at most {max} items"));
            return None;
        }
        let node = |(index, value)| Node {
            value,
            path: format!("{}/{index}", self.path),
        };
        Some(items.iter().enumerate().map(node).collect())
    }

    /// Each item of an array as something; what is wrong with one does not keep the others from being read.
    pub(super) fn list<T>(
        &self,
        max: usize,
        faults: &mut Faults,
        mut read: impl FnMut(&Node<'a>, &mut Faults) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.array(max, faults)?;
        let read: Vec<_> = items.iter().map(|item| read(item, faults)).collect();
        read.into_iter().collect()
    }

    pub(super) fn text(&self, max: usize, faults: &mut Faults) -> Option<String> {
        let Value::String(text) = self.value else {
            self.fault(faults, "expected a string");
            return None;
        };
        if text.len() > max {
            self.fault(faults, format!("expected at most {max} bytes"));
            return None;
        }
        Some(text.clone())
    }

    pub(super) fn name(&self, max: usize, faults: &mut Faults) -> Option<String> {
        let name = self.text(max, faults)?;
        if name.is_empty() {
            self.fault(faults, "expected text that is not empty");
            return None;
        }
        Some(name)
    }

    pub(super) fn boolean(&self, faults: &mut Faults) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.fault(faults, "expected true or false");
        }
        value
    }

    pub(super) fn whole(&self, min: u64, max: u64, faults: &mut Faults) -> Option<u64> {
        let value = self.value.as_u64().filter(|n| (min..=max).contains(n));
        if value.is_none() {
            let reason = format!("expected a whole number from {min} to {max}");
            self.fault(faults, reason);
        }
        value
    }

    pub(super) fn amount(&self, faults: &mut Faults) -> Option<f64> {
        let value = self.value.as_f64().filter(|amount| *amount >= 0.0);
        if value.is_none() {
            self.fault(faults, "expected a number that is not negative");
        }
        value
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)], faults: &mut Faults) -> Option<T> {
        let given = self.value.as_str();
        let found = words.iter().find(|(word, _)| Some(*word) == given);
        if found.is_none() {
            let listed: Vec<_> = words
                .iter()
                .map(|(word, _)| format!("\"{word}\""))
                .collect();
            let near = did_you_mean(
                given.unwrap_or_default(),
                words.iter().map(|(word, _)| *word),
            );
            self.fault(
                faults,
                format!("expected one of {}{near}", listed.join(", ")),
            );
        }
        found.map(|(_, value)| *value)
    }
}

impl<'a> Object<'a> {
    pub(super) fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.members.get(name)?;
        let path = member_path(&self.path, name);
        Some(Node { value, path })
    }

    pub(super) fn fault(&self, faults: &mut Faults, reason: impl Into<String>) {
        faults.add(&self.path, reason);
    }

    /// A member that must be there.
    pub(super) fn required<T>(
        &self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&Node<'a>, &mut Faults) -> Option<T>,
    ) -> Option<T> {
        match self.get(name) {
            Some(node) => read(&node, faults),
            None => {
                faults.add(&member_path(&self.path, name), "is required");
                None
            }
        }
    }

    /// A member that may be missing; the outer `None` is a fault.
    pub(super) fn optional<T>(
        &self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&Node<'a>, &mut Faults) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.get(name) {
            Some(node) => read(&node, faults).map(Some),
            None => Some(None),
        }
    }

    /// The one member of several that must be there alone.
    pub(super) fn one_of(
        &self,
        names: &[&'static str],
        faults: &mut Faults,
    ) -> Option<(&'static str, Node<'a>)> {
        let mut found = names
            .iter()
            .filter_map(|name| Some((*name, self.get(name)?)));
        let first = found.next();
        if first.is_some() && found.next().is_none() {
            return first;
        }
        let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        self.fault(
            faults,
            format!("expected exactly one of {}", listed.join(", ")),
        );
        None
    }
}
