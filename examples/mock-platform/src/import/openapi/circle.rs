//! Definitions that apply to a value without end: a pet is one of its kinds, and each kind is a pet.

use super::MAX_DEPTH;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Of what is left out.
const COMMENT: &str = "not followed: it would come back to itself, for the same value";

/// Leaves out the references by which a definition comes back to itself for one and the same value. Those
/// with alternatives are gone through first, so that it is their kinds that no longer name them.
pub(super) fn cut(definitions: &mut Map<String, Value>) {
    let has_forms = |schema: &Value| schema.get("oneOf").is_some() || schema.get("anyOf").is_some();
    let names = |forms: bool| {
        let chosen = definitions
            .iter()
            .filter(move |(_, s)| has_forms(s) == forms);
        chosen.map(|(name, _)| name.clone())
    };
    let order: Vec<_> = names(true).chain(names(false)).collect();
    let mut done = HashSet::new();
    for name in order {
        visit(&name, definitions, &mut Vec::new(), &mut done);
    }
}

fn visit(
    name: &str,
    definitions: &mut Map<String, Value>,
    open: &mut Vec<String>,
    done: &mut HashSet<String>,
) {
    // A longer circle stays, for a design to refuse.
    if open.len() > MAX_DEPTH || done.contains(name) {
        return;
    }
    let Some(mut schema) = definitions.get_mut(name).map(Value::take) else {
        return;
    };
    open.push(name.to_owned());
    let mut next = Vec::new();
    references(&mut schema, open, &mut next);
    if let Some(place) = definitions.get_mut(name) {
        *place = schema;
    }
    for name in next {
        visit(&name, definitions, open, done);
    }
    open.pop();
    done.insert(name.to_owned());
}

/// What a schema refers to for the same value, without what is open: that is left out.
fn references(schema: &mut Value, open: &[String], next: &mut Vec<String>) {
    let Value::Object(keywords) = schema else {
        return;
    };
    if let Some(name) = keywords.get("$ref").and_then(Value::as_str) {
        let name = name.trim_start_matches("#/$defs/").to_owned();
        if open.contains(&name) {
            keywords.remove("$ref");
            keywords.insert("$comment".to_owned(), json!(COMMENT));
        } else {
            next.push(name);
        }
    }
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                for schema in schemas {
                    references(schema, open, next);
                }
            }
            ("not" | "if" | "then" | "else", schema) => references(schema, open, next),
            ("dependentSchemas", Value::Object(named)) => {
                for schema in named.values_mut() {
                    references(schema, open, next);
                }
            }
            _ => {}
        }
    }
}
