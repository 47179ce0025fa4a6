//! How many branches of a schema may apply to one value.
//!
//! A few lines of `anyOf` that refer to each other make a tree of any size; it is measured before
//! anything is compiled, by following what applies in place.

use serde_json::Value;
use std::collections::HashMap;

/// What applies to the same value: one schema, a list of them, or one for each name.
const IN_PLACE: [&str; 10] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependencies",
    "extends",
];
/// Further in, a schema is refused, too: whoever follows it needs a stack.
const MAX_LEVELS: usize = 200;
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// Refuses a schema of which more than `max` branches may apply to one value.
pub(super) fn check(schema: &Value, max: usize) -> Result<(), String> {
    let mut anchors = HashMap::new();
    collect(schema, &mut anchors);
    let mut tree = Tree {
        root: schema,
        anchors,
        known: HashMap::new(),
    };
    let mut every = vec![schema];
    let mut most = 0;
    while let Some(value) = every.pop() {
        most = most.max(tree.extent(value, 0).branches);
        match value {
            Value::Object(members) => every.extend(members.values()),
            Value::Array(items) => every.extend(items),
            _ => {}
        }
    }
    match most > max {
        true => Err(format!("has more than {max} branches for one value")),
        false => Ok(()),
    }
}

struct Tree<'a> {
    root: &'a Value,
    anchors: HashMap<&'a str, &'a Value>,
    /// By address; a schema that is being measured is nothing yet, so that a circle ends.
    known: HashMap<*const Value, Extent>,
}

/// How far a schema reaches in place.
#[derive(Clone, Copy, Default)]
struct Extent {
    branches: usize,
    /// The longest way in. What is known of a schema says it too: the way may be begun at its end.
    levels: usize,
}

impl Extent {
    const TOO_FAR: Self = Self {
        branches: usize::MAX,
        levels: MAX_LEVELS,
    };

    fn add(&mut self, inner: Self) {
        self.branches = self.branches.saturating_add(inner.branches);
        self.levels = self.levels.max(inner.levels.saturating_add(1));
        if self.levels > MAX_LEVELS {
            *self = Self::TOO_FAR;
        }
    }
}

impl<'a> Tree<'a> {
    fn extent(&mut self, schema: &'a Value, level: usize) -> Extent {
        let mut extent = Extent {
            branches: 1,
            levels: 0,
        };
        let Value::Object(members) = schema else {
            return extent;
        };
        if level > MAX_LEVELS {
            return Extent::TOO_FAR;
        }
        let at = std::ptr::from_ref(schema);
        if let Some(known) = self.known.get(&at) {
            return *known;
        }
        self.known.insert(at, Extent::default());
        for keyword in IN_PLACE {
            let more = match members.get(keyword) {
                Some(Value::Array(items)) => items.iter().collect(),
                Some(Value::Object(named)) if keyword.starts_with("depend") => {
                    named.values().collect()
                }
                Some(schema) => vec![schema],
                None => Vec::new(),
            };
            for schema in more {
                extent.add(self.extent(schema, level + 1));
            }
        }
        for keyword in REFERENCES {
            let target = members.get(keyword).and_then(Value::as_str);
            if let Some(target) = target.and_then(|target| self.resolve(target)) {
                extent.add(self.extent(target, level + 1));
            }
        }
        self.known.insert(at, extent);
        extent
    }

    /// What a reference within the document means; others are for the compiler to refuse.
    fn resolve(&self, reference: &str) -> Option<&'a Value> {
        let (_, fragment) = reference.split_once('#')?;
        let decoded = percent_encoding::percent_decode_str(fragment);
        let fragment = decoded.decode_utf8().ok()?;
        match fragment.is_empty() || fragment.starts_with('/') {
            true => self.root.pointer(&fragment),
            false => self.anchors.get(&*fragment).copied(),
        }
    }
}

fn collect<'a>(schema: &'a Value, anchors: &mut HashMap<&'a str, &'a Value>) {
    let mut every = vec![schema];
    while let Some(value) = every.pop() {
        match value {
            Value::Object(members) => {
                for keyword in ["$anchor", "$dynamicAnchor"] {
                    if let Some(name) = members.get(keyword).and_then(Value::as_str) {
                        anchors.insert(name, value);
                    }
                }
                every.extend(members.values());
            }
            Value::Array(items) => every.extend(items),
            _ => {}
        }
    }
}
