//! A schema as a graph: what of it applies to a value, to its members and to its items.
//!
//! References are followed as the compiler follows them, and what this reading could not follow in
//! the same way is refused: what is not measured might cost anything.

use serde_json::{Map, Value};
use std::collections::{HashMap, hash_map::Entry};

/// A subschema, by its place in the list of all of them. The first is the schema itself.
pub(super) type Id = usize;

#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
}

/// What one subschema asks of a value by itself, and the subschemas it applies.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// What its own keywords cost: lists of choices are compared, and repeated in errors.
    pub(super) weight: u64,
    /// Whether it collects what others have looked at, for `unevaluatedProperties` and the like.
    pub(super) collects: bool,
    /// To the same value.
    pub(super) in_place: Vec<Id>,
    pub(super) alternatives: Vec<Alternatives>,
    /// To the member of the name.
    pub(super) members: HashMap<Box<str>, Id>,
    /// To members that are not named.
    pub(super) other_members: Vec<Id>,
    /// To every member, or to those whose names fit.
    pub(super) any_member: Vec<Id>,
    /// To the names of members.
    pub(super) names: Vec<Id>,
    pub(super) indexed: Vec<(usize, Id)>,
    pub(super) items: Vec<Id>,
}

/// `anyOf` or `oneOf`: the errors of all forms are collected if none fits.
#[derive(Debug)]
pub(super) struct Alternatives {
    pub(super) forms: Vec<Id>,
    /// Whether one member tells which form an object has to have, so that no other is tried.
    pub(super) is_tagged: bool,
}

impl Node {
    /// What applies to the same value.
    pub(super) fn here(&self) -> impl Iterator<Item = Id> {
        let forms = self.alternatives.iter().flat_map(|of| &of.forms);
        self.in_place.iter().chain(forms).copied()
    }

    /// What applies to members and items.
    pub(super) fn below(&self) -> impl Iterator<Item = Id> {
        let lists = [
            &self.other_members,
            &self.any_member,
            &self.names,
            &self.items,
        ];
        let indexed = self.indexed.iter().map(|(_, id)| id);
        let below = self.members.values().chain(indexed);
        below.chain(lists.into_iter().flatten()).copied()
    }
}

impl Graph {
    pub(super) fn new(schema: &Value) -> Result<Self, String> {
        let mut reader = Reader {
            document: Document::new(schema),
            known: HashMap::new(),
            found: Vec::new(),
        };
        reader.id(schema);
        let mut nodes = Vec::new();
        while let Some(schema) = reader.found.get(nodes.len()).copied() {
            nodes.push(reader.node(schema)?);
        }
        Ok(Self { nodes })
    }
}

struct Reader<'a> {
    document: Document<'a>,
    /// By address.
    known: HashMap<*const Value, Id>,
    found: Vec<&'a Value>,
}

impl<'a> Reader<'a> {
    fn id(&mut self, schema: &'a Value) -> Id {
        *self.known.entry(schema).or_insert_with(|| {
            self.found.push(schema);
            self.found.len() - 1
        })
    }

    /// One schema or a list of them; anything else is for the compiler to refuse.
    fn ids(&mut self, value: &'a Value) -> Vec<Id> {
        match value {
            Value::Array(schemas) => schemas.iter().map(|schema| self.id(schema)).collect(),
            schema => vec![self.id(schema)],
        }
    }

    fn named(&mut self, value: &'a Value) -> Vec<Id> {
        let schemas = value.as_object().into_iter().flat_map(Map::values);
        schemas.map(|schema| self.id(schema)).collect()
    }

    fn node(&mut self, schema: &'a Value) -> Result<Node, String> {
        let mut node = Node::default();
        let Value::Object(keywords) = schema else {
            node.weight = 1;
            return Ok(node);
        };
        self.document.refuse_base(schema)?;
        let mut size = 0;
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "$ref" | "$dynamicRef" | "$recursiveRef" => {
                    if let Some(reference) = value.as_str() {
                        let target = self.document.resolve(reference)?;
                        node.in_place.push(self.id(target));
                    }
                }
                "not" => {
                    // Its error repeats it.
                    size += size_of(value);
                    node.in_place.extend(self.ids(value));
                }
                "allOf" | "if" | "then" | "else" | "extends" => {
                    node.in_place.extend(self.ids(value));
                }
                "anyOf" | "oneOf" => node.alternatives.push(Alternatives {
                    is_tagged: self.document.is_tagged(value),
                    forms: self.ids(value),
                }),
                "dependentSchemas" | "dependencies" => node.in_place.extend(self.named(value)),
                "properties" => {
                    for (name, schema) in value.as_object().into_iter().flatten() {
                        node.members.insert(name.as_str().into(), self.id(schema));
                    }
                }
                "patternProperties" => node.any_member.extend(self.named(value)),
                "additionalProperties" => node.other_members.extend(self.ids(value)),
                "propertyNames" => node.names.extend(self.ids(value)),
                "unevaluatedProperties" => {
                    node.collects = true;
                    node.any_member.extend(self.ids(value));
                }
                "unevaluatedItems" => {
                    node.collects = true;
                    node.items.extend(self.ids(value));
                }
                "items" | "prefixItems" if value.is_array() => {
                    node.indexed.extend(self.ids(value).into_iter().enumerate());
                }
                "items" | "additionalItems" | "contains" => node.items.extend(self.ids(value)),
                // What refers to these finds them; they are looked at because they may be refused.
                "$defs" | "definitions" => drop(self.named(value)),
                "contentSchema" => drop(self.ids(value)),
                "default" | "examples" | "example" | "title" | "description" | "$comment" => {}
                _ => size += size_of(value),
            }
        }
        node.weight = 1 + size / 16;
        Ok(node)
    }
}

/// How much is compared or repeated: values, and 64 bytes of text count as one.
fn size_of(value: &Value) -> u64 {
    let mut every = vec![value];
    let mut size = 0;
    while let Some(value) = every.pop() {
        size += 1;
        match value {
            Value::String(text) => size += text.len() as u64 / 64,
            Value::Array(items) => every.extend(items),
            Value::Object(members) => every.extend(members.values()),
            _ => {}
        }
    }
    size
}

/// Where references lead.
struct Document<'a> {
    root: &'a Value,
    /// Nothing for a name that is given twice.
    anchors: HashMap<&'a str, Option<&'a Value>>,
    /// Whether some of it says that it is of Draft 4, where `id` is a base and `const` is nothing.
    has_draft4: bool,
    has_inner_dialects: bool,
}

impl<'a> Document<'a> {
    fn new(root: &'a Value) -> Self {
        let mut document = Self {
            root,
            anchors: HashMap::new(),
            has_draft4: false,
            has_inner_dialects: false,
        };
        let mut every = vec![root];
        while let Some(value) = every.pop() {
            match value {
                Value::Object(members) => {
                    document.read(value, members);
                    every.extend(members.values());
                }
                Value::Array(items) => every.extend(items),
                _ => {}
            }
        }
        document
    }

    fn read(&mut self, value: &'a Value, members: &'a Map<String, Value>) {
        let text = |keyword: &str| members.get(keyword).and_then(Value::as_str);
        let anchor = text("$anchor");
        let dynamic = text("$dynamicAnchor").filter(|name| Some(*name) != anchor);
        for name in anchor.into_iter().chain(dynamic) {
            match self.anchors.entry(name) {
                Entry::Occupied(mut entry) => *entry.get_mut() = None,
                Entry::Vacant(entry) => drop(entry.insert(Some(value))),
            }
        }
        if let Some(dialect) = text("$schema") {
            self.has_draft4 |= dialect.contains("draft-04");
            self.has_inner_dialects |= !std::ptr::eq(value, self.root);
        }
    }

    /// Refuses what begins a document of its own: references in it would lead elsewhere.
    fn refuse_base(&self, schema: &Value) -> Result<(), String> {
        if std::ptr::eq(schema, self.root) {
            return Ok(());
        }
        let is_base = |keyword: &&str| schema.get(keyword).is_some_and(Value::is_string);
        let older = self.has_draft4.then_some("id");
        match ["$id"].into_iter().chain(older).find(is_base) {
            Some(keyword) => Err(format!(
                "has a schema within it that has an `{keyword}` of its own: only the whole may have one"
            )),
            None => Ok(()),
        }
    }

    fn resolve(&self, reference: &str) -> Result<&'a Value, String> {
        let shown: String = reference.chars().take(200).collect();
        let Some(fragment) = self.fragment(reference) else {
            return Err(format!(
                "refers to another document, `{shown}`: nothing is ever fetched; put it into `$defs`"
            ));
        };
        let nowhere = || format!("refers to `{shown}`, which leads nowhere");
        if fragment.is_empty() {
            return Ok(self.root);
        }
        if !fragment.starts_with('/') {
            return match self.anchors.get(fragment) {
                Some(Some(schema)) => Ok(schema),
                Some(None) => Err(format!("refers to `{shown}`, which is there twice")),
                None => Err(nowhere()),
            };
        }
        let pointer = percent_encoding::percent_decode_str(&fragment[1..]);
        let pointer = pointer.decode_utf8().map_err(|_| nowhere())?;
        let mut at = self.root;
        for segment in pointer.split('/') {
            at = match at {
                Value::Object(members) => {
                    members.get(&segment.replace("~1", "/").replace("~0", "~"))
                }
                Value::Array(items) => segment.parse().ok().and_then(|at: usize| items.get(at)),
                _ => None,
            }
            .ok_or_else(nowhere)?;
            self.refuse_base(at)?;
        }
        Ok(at)
    }

    /// What stands behind the name of this document.
    fn fragment<'r>(&self, reference: &'r str) -> Option<&'r str> {
        let (document, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let name = self.root.get("$id").and_then(Value::as_str);
        let name = name.map(|name| name.strip_suffix('#').unwrap_or(name));
        (document.is_empty() || Some(document) == name).then_some(fragment)
    }

    /// Whether objects can be told apart by one member, that each of at least three forms requires
    /// and has a text of its own for. The compiler sees more than this, never less.
    fn is_tagged(&self, forms: &'a Value) -> bool {
        let Some([first, rest @ ..]) = forms.as_array().map(Vec::as_slice) else {
            return false;
        };
        if rest.len() < 2 || self.has_draft4 || self.has_inner_dialects {
            return false;
        }
        let is_tag = |name: &str| {
            let mut seen = std::collections::HashSet::new();
            let mut forms = std::iter::once(first).chain(rest);
            forms.all(|form| {
                let tag = self.target(form).and_then(|form| tag(form, name));
                tag.is_some_and(|tag| seen.insert(tag))
            })
        };
        let Some(first) = self.target(first) else {
            return false;
        };
        let required = first.get("required").and_then(Value::as_array);
        // Whoever has more members to try than these is measured as if there were no tag.
        let mut required = required.into_iter().flatten().take(8);
        required.any(|name| name.as_str().is_some_and(is_tag))
    }

    /// The form itself, or what it refers to.
    fn target(&self, mut form: &'a Value) -> Option<&'a Value> {
        for _ in 0..8 {
            match form.get("$ref").map(Value::as_str) {
                None => return Some(form),
                Some(reference) => form = self.resolve(reference?).ok()?,
            }
        }
        None
    }
}

/// The text that an object has to have there to be of the form.
fn tag<'a>(form: &'a Value, name: &str) -> Option<&'a str> {
    let required = form.get("required")?.as_array()?;
    let is_required = required.iter().any(|field| field == name);
    let tag = is_required.then(|| form.get("properties")?.get(name))??;
    match tag.get("$ref") {
        None => tag.get("const")?.as_str(),
        Some(_) => None,
    }
}
