//! Values made up for a schema.

use serde_json::{Map, Value, json};

/// A value that fits a converted schema, as far as its types say; `None` where it refers to itself.
pub(super) fn sample(schema: &Value) -> Option<Value> {
    if schema.get("$ref").is_some() {
        return None;
    }
    let given = ["default", "const"].iter().find_map(|key| schema.get(key));
    let first = ["examples", "enum"]
        .iter()
        .find_map(|key| schema[key].get(0));
    if let Some(value) = first.or(given) {
        return Some(value.clone());
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            return choices.iter().find_map(sample);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let own = schema.get("properties").map(|_| object(schema));
        return merged(own.into_iter().chain(parts.iter().filter_map(sample)));
    }
    Some(match kind(schema) {
        "object" => object(schema),
        "array" => sample(&schema["items"]).into_iter().collect(),
        "string" => string(schema["format"].as_str()).into(),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(0)),
        "boolean" => json!(true),
        _ => Value::Null,
    })
}

fn kind(schema: &Value) -> &str {
    let named = match &schema["type"] {
        Value::Array(types) => types
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        only => only.as_str(),
    };
    named.unwrap_or_else(|| {
        let implied = [("properties", "object"), ("items", "array")];
        let implied = implied
            .iter()
            .find(|(keyword, _)| schema.get(keyword).is_some());
        implied.map_or("null", |(_, kind)| kind)
    })
}

fn object(schema: &Value) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let members = properties.filter_map(|(name, schema)| Some((name.clone(), sample(schema)?)));
    members.collect::<Map<_, _>>().into()
}

/// Objects as one; of anything else the first.
fn merged(parts: impl Iterator<Item = Value>) -> Option<Value> {
    parts.reduce(|mut whole, part| {
        if let (Value::Object(whole), Value::Object(mut part)) = (&mut whole, part) {
            whole.append(&mut part);
        }
        whole
    })
}

fn string(format: Option<&str>) -> &'static str {
    match format {
        Some("date-time") => "2026-01-01T12:00:00Z",
        Some("date") => "2026-01-01",
        Some("time") => "12:00:00Z",
        Some("email") => "name@example.com",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("uri" | "url") => "https://example.com/",
        Some("hostname") => "example.com",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("byte") => "dGV4dA==",
        _ => "string",
    }
}
