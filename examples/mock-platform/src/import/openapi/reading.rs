//! A document that is read: its references, its faults, and what it may still grow to.

use super::{MAX_DEPTH, MAX_EXPANDED};
use crate::design::{DesignFault, DesignFaults, limits::MAX_FAULTS};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

pub(super) struct Reading<'a> {
    pub(super) document: &'a Value,
    /// Whether what schemas refer to goes into `$defs`, and is not written in its place.
    pub(super) shares: bool,
    faults: Vec<DesignFault>,
    /// Bytes that schemas may still come to.
    room: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn new(document: &'a Value, shares: bool) -> Self {
        Self {
            document,
            shares,
            faults: Vec::new(),
            room: MAX_EXPANDED,
        }
    }

    pub(super) fn is_known_version(&mut self) -> bool {
        let version = self.document["openapi"].as_str().unwrap_or_default();
        let is_known = version.starts_with("3.0.") || version.starts_with("3.1.");
        if !is_known {
            self.fault("/openapi", "expected a version of OpenAPI 3.0 or 3.1");
        }
        is_known
    }

    pub(super) fn is_3_0(&self) -> bool {
        let version = self.document["openapi"].as_str();
        version.is_some_and(|version| version.starts_with("3.0."))
    }

    pub(super) fn fault(&mut self, path: &str, reason: impl Into<String>) {
        let fault = DesignFault {
            path: path.to_owned(),
            reason: reason.into(),
        };
        if self.faults.len() < MAX_FAULTS && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    pub(super) fn finish(self) -> Result<(), DesignFaults> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(DesignFaults(self.faults))
    }

    /// Whether so many bytes more are within bounds.
    pub(super) fn spend(&mut self, bytes: usize, at: &str) -> bool {
        if self.room == 0 {
            return false;
        }
        self.room = self.room.saturating_sub(bytes);
        if self.room == 0 {
            let most = format!(
                "with its references followed, all comes to more than {MAX_EXPANDED} bytes"
            );
            self.fault(at, most);
        }
        self.room > 0
    }

    /// A copy, within bounds.
    pub(super) fn copy(&mut self, value: &Value, at: &str) -> Value {
        if self.room > 0 && self.spend(weight(value), at) {
            return value.clone();
        }
        Value::Null
    }

    /// What a reference of this document names.
    pub(super) fn target(&mut self, reference: &Value, at: &str) -> Option<(&'a Value, String)> {
        let at = join(at, "$ref");
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
        let Some(pointer) = pointer.filter(|text| text.is_empty() || text.starts_with('/')) else {
            self.fault(&at, "expected a reference into this document, such as `#/components/schemas/Pet`; no other document is read");
            return None;
        };
        let pointer = percent_decode_str(pointer).decode_utf8_lossy().into_owned();
        let Some(target) = self.document.pointer(&pointer) else {
            self.fault(&at, "expected a reference to something that is there");
            return None;
        };
        Some((target, pointer))
    }

    /// An object that is no schema, and where it is, once references are followed.
    pub(super) fn object(
        &mut self,
        value: &'a Value,
        at: &str,
    ) -> Option<(&'a Map<String, Value>, String)> {
        let (mut value, mut at) = (value, at.to_owned());
        for _ in 0..MAX_DEPTH {
            let Some(object) = value.as_object() else {
                self.fault(&at, "expected an object");
                return None;
            };
            let Some(reference) = object.get("$ref") else {
                return Some((object, at));
            };
            (value, at) = self.target(reference, &at)?;
        }
        self.fault(&at, "expected references that come to an end");
        None
    }
}

/// A pointer one step further.
pub(super) fn join(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// About how many bytes a value takes.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 8,
        Value::Array(items) => items.iter().map(weight).sum::<usize>() + 8,
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| key.len() + 8 + weight(value));
            members.sum::<usize>() + 8
        }
        _ => 8,
    }
}
