//! Schemas of OpenAPI as JSON Schemas that stand by themselves.

use super::{
    MAX_DEPTH, circle, fit,
    name::valid,
    reading::{Reading, join},
};
use serde_json::{Map, Value, json};

/// The schemas of what one tool takes, with the definitions that they share.
pub(super) struct Schemas<'r, 'a> {
    pub(super) reading: &'r mut Reading<'a>,
    /// Pointers of the references that are being followed.
    stack: Vec<String>,
    depth: usize,
    /// What is not written in place: its pointer, its name, what it is.
    named: Vec<(String, String, &'a Value)>,
}

impl<'r, 'a> Schemas<'r, 'a> {
    pub(super) fn new(reading: &'r mut Reading<'a>) -> Self {
        Self {
            reading,
            stack: Vec::new(),
            depth: 0,
            named: Vec::new(),
        }
    }

    /// `$defs` of everything that was converted.
    pub(super) fn definitions(mut self) -> Map<String, Value> {
        let mut definitions = Map::new();
        let mut next = 0;
        // What is converted may name more.
        while let Some((pointer, name, target)) = self.named.get(next).cloned() {
            next += 1;
            self.stack = vec![pointer.clone()];
            let definition = self.convert(target, &pointer);
            definitions.insert(name, definition);
        }
        circle::cut(&mut definitions);
        definitions
    }

    pub(super) fn convert(&mut self, schema: &'a Value, at: &str) -> Value {
        if self.depth == MAX_DEPTH {
            let reason = format!("expected {MAX_DEPTH} levels at most, with references followed");
            self.reading.fault(at, reason);
            return json!(true);
        }
        self.depth += 1;
        let converted = match schema {
            Value::Bool(_) => schema.clone(),
            Value::Object(keywords) if self.reading.spend(16, at) => match keywords.get("$ref") {
                Some(reference) => self.follow(reference, keywords, at),
                None => self.keywords(keywords, at).into(),
            },
            Value::Object(_) => json!(true),
            _ => {
                self.reading.fault(at, "expected a schema");
                json!(true)
            }
        };
        self.depth -= 1;
        converted
    }

    fn follow(&mut self, reference: &'a Value, beside: &'a Map<String, Value>, at: &str) -> Value {
        let Some((target, pointer)) = self.reading.target(reference, at) else {
            return json!(true);
        };
        let is_named = self.named.iter().any(|(known, ..)| *known == pointer);
        let is_shared = self.reading.shares && !self.stack.is_empty();
        let referred = if is_named || is_shared || self.stack.contains(&pointer) {
            json!({"$ref": format!("#/$defs/{}", self.name(pointer, target))})
        } else {
            self.stack.push(pointer.clone());
            let inlined = self.convert(target, &pointer);
            self.stack.pop();
            inlined
        };
        // Until 3.0 what stands beside a reference means nothing.
        if self.reading.is_3_0() {
            return referred;
        }
        let mut beside = self.keywords(beside, at);
        if beside.is_empty() {
            return referred;
        }
        let both = beside.entry("allOf").or_insert_with(|| json!([]));
        if let Value::Array(both) = both {
            both.push(referred);
        }
        beside.into()
    }

    fn name(&mut self, pointer: String, target: &'a Value) -> String {
        if let Some((_, name, _)) = self.named.iter().find(|(known, ..)| *known == pointer) {
            return name.clone();
        }
        let last = valid(pointer.rsplit('/').next().unwrap_or_default());
        let is_taken = |name: &str| self.named.iter().any(|(_, taken, _)| taken == name);
        let mut name = if last.is_empty() {
            "schema".to_owned()
        } else {
            last
        };
        while is_taken(&name) {
            name.push('_');
        }
        self.named.push((pointer, name.clone(), target));
        name
    }

    fn keywords(&mut self, keywords: &'a Map<String, Value>, at: &str) -> Map<String, Value> {
        let mut converted = Map::new();
        for (keyword, value) in keywords {
            let at = join(at, keyword);
            let value = match (keyword.as_str(), value) {
                (
                    "$ref" | "$id" | "$schema" | "$anchor" | "$dynamicAnchor" | "$recursiveAnchor"
                    | "$defs" | "definitions" | "nullable" | "discriminator" | "xml"
                    | "externalDocs" | "example",
                    _,
                ) => continue,
                (extension, _) if extension.starts_with("x-") => continue,
                ("$dynamicRef" | "$recursiveRef", _) => {
                    let comment = format!("not followed: {keyword} {value}");
                    converted.insert("$comment".to_owned(), comment.into());
                    continue;
                }
                (
                    "properties" | "patternProperties" | "dependentSchemas",
                    Value::Object(members),
                ) => {
                    let each = members.iter();
                    each.map(|(name, schema)| {
                        (name.clone(), self.convert(schema, &join(&at, name)))
                    })
                    .collect::<Map<_, _>>()
                    .into()
                }
                ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(schemas)) => {
                    let each = schemas.iter().enumerate();
                    each.map(|(index, schema)| self.convert(schema, &format!("{at}/{index}")))
                        .collect::<Vec<_>>()
                        .into()
                }
                (
                    "items"
                    | "additionalProperties"
                    | "not"
                    | "if"
                    | "then"
                    | "else"
                    | "contains"
                    | "propertyNames"
                    | "unevaluatedItems"
                    | "unevaluatedProperties",
                    _,
                ) => self.convert(value, &at),
                _ => self.reading.copy(value, &at),
            };
            converted.insert(keyword.clone(), value);
        }
        if let Some(example) = keywords.get("example") {
            let example = self.reading.copy(example, &join(at, "example"));
            converted
                .entry("examples")
                .or_insert_with(|| json!([example]));
        }
        leave_out(&mut converted);
        fit::patterns(&mut converted);
        modern(converted, keywords.get("nullable") == Some(&json!(true)))
    }
}

/// Properties that a client never sends.
fn leave_out(schema: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    let all = properties.len();
    properties.retain(|_, property| property.get("readOnly") != Some(&json!(true)));
    if properties.len() == all {
        return;
    }
    let kept: Vec<String> = properties.keys().cloned().collect();
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| kept.iter().any(|kept| name == kept.as_str()));
    }
}

/// What 3.0 says in its own way; documents that have become 3.1 often still do.
fn modern(mut schema: Map<String, Value>, is_nullable: bool) -> Map<String, Value> {
    for (exclusive, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => match schema.remove(bound) {
                Some(value) => drop(schema.insert(exclusive.to_owned(), value)),
                None => drop(schema.remove(exclusive)),
            },
            Some(Value::Bool(false)) => drop(schema.remove(exclusive)),
            _ => {}
        }
    }
    if !is_nullable {
        return schema;
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(Value::String(only)) = schema.get("type") {
        let both = json!([only, "null"]);
        schema.insert("type".to_owned(), both);
    } else if ["allOf", "anyOf", "oneOf"]
        .iter()
        .any(|of| schema.contains_key(*of))
    {
        return Map::from_iter([("anyOf".to_owned(), json!([schema, {"type": "null"}]))]);
    }
    schema
}
