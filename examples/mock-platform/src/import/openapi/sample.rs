//! Values made up for a schema.

use super::{
    MAX_DEPTH,
    reading::{Reading, join},
};
use serde_json::{Map, Value, json};

/// How many objects deep a sample has everything; further in it has what is required.
const WHOLE: usize = 3;

/// Makes up what a server would send.
pub(super) struct Samples<'r, 'a> {
    reading: &'r mut Reading<'a>,
    /// Pointers of the references that are being followed.
    stack: Vec<String>,
    depth: usize,
    objects: usize,
}

impl<'r, 'a> Samples<'r, 'a> {
    pub(super) fn new(reading: &'r mut Reading<'a>) -> Self {
        Self {
            reading,
            stack: Vec::new(),
            depth: 0,
            objects: 0,
        }
    }

    /// A value that fits a schema, as far as its types say; `None` where it refers to itself.
    pub(super) fn of(&mut self, schema: &'a Value, at: &str) -> Option<Value> {
        if self.depth == MAX_DEPTH || !self.reading.spend(16, at) {
            return None;
        }
        self.depth += 1;
        let made = match schema {
            Value::Object(keywords) => self.keywords(keywords, at),
            Value::Bool(_) => Some(Value::Null),
            _ => {
                self.reading.fault(at, "expected a schema");
                None
            }
        };
        self.depth -= 1;
        made
    }

    fn keywords(&mut self, schema: &'a Map<String, Value>, at: &str) -> Option<Value> {
        // Until 3.0 what stands beside a reference means nothing.
        if let Some(reference) = schema.get("$ref")
            && (self.reading.is_3_0() || given(schema).is_none())
        {
            return self.follow(reference, at);
        }
        if let Some((key, value)) = given(schema) {
            return Some(self.reading.copy(value, &join(at, key)));
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
                let at = join(at, choice);
                let mut made = self.all(choices, &at);
                let first = made.next()?;
                // Nothing at all shows less than something.
                let something = first.is_null().then(|| made.find(|other| !other.is_null()));
                return Some(something.flatten().unwrap_or(first));
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let own = schema
                .get("properties")
                .and_then(|_| self.object(schema, at));
            let at = join(at, "allOf");
            let parts = self.all(parts, &at);
            return merged(own.into_iter().chain(parts));
        }
        match kind(schema) {
            "object" => self.object(schema, at),
            "array" => {
                let item = schema.get("items");
                let item = item.and_then(|item| self.of(item, &join(at, "items")));
                Some(item.into_iter().collect())
            }
            other => Some(plain(other, schema)),
        }
    }

    fn follow(&mut self, reference: &Value, at: &str) -> Option<Value> {
        let (target, pointer) = self.reading.target(reference, at)?;
        if self.stack.contains(&pointer) {
            return None;
        }
        self.stack.push(pointer.clone());
        let made = self.of(target, &pointer);
        self.stack.pop();
        made
    }

    /// What is made of each schema, one after the other.
    fn all(&mut self, schemas: &'a [Value], at: &str) -> impl Iterator<Item = Value> {
        let each = schemas.iter().enumerate();
        each.filter_map(move |(index, schema)| self.of(schema, &format!("{at}/{index}")))
    }

    fn object(&mut self, schema: &'a Map<String, Value>, at: &str) -> Option<Value> {
        let required = schema.get("required").and_then(Value::as_array);
        let is_required =
            |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
        let is_whole = self.objects < WHOLE;
        self.objects += 1;
        let mut made = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let is_sent = property.get("writeOnly") != Some(&json!(true));
            if is_sent && (is_whole || is_required(name)) {
                let at = join(&join(at, "properties"), name);
                if let Some(value) = self.of(property, &at) {
                    made.insert(name.clone(), value);
                }
            }
        }
        self.objects -= 1;
        Some(made.into())
    }
}

/// The value that a schema itself gives, and by which keyword.
fn given(schema: &Map<String, Value>) -> Option<(&'static str, &Value)> {
    let keywords = ["example", "examples", "enum", "default", "const"];
    keywords.into_iter().find_map(|keyword| {
        let value = schema.get(keyword)?;
        let is_list = matches!(keyword, "examples" | "enum");
        let value = if is_list { value.get(0)? } else { value };
        Some((keyword, value))
    })
}

fn kind(schema: &Map<String, Value>) -> &str {
    let named = match schema.get("type") {
        Some(Value::Array(types)) => types
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        only => only.and_then(Value::as_str),
    };
    named.unwrap_or_else(|| {
        let implied = [("properties", "object"), ("items", "array")];
        let implied = implied
            .iter()
            .find(|(keyword, _)| schema.contains_key(*keyword));
        implied.map_or("null", |(_, kind)| kind)
    })
}

fn plain(kind: &str, schema: &Map<String, Value>) -> Value {
    match kind {
        "string" => string(schema.get("format").and_then(Value::as_str)).into(),
        "integer" | "number" => number(schema),
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

/// Zero, or what is closest to it.
fn number(schema: &Map<String, Value>) -> Value {
    let bound = |key: &str| schema.get(key).filter(|bound| bound.is_number());
    let is = |bound: &&Value, wanted: fn(f64) -> bool| bound.as_f64().is_some_and(wanted);
    let least = bound("minimum").filter(|least| is(least, |least| least > 0.0));
    let most = bound("maximum").filter(|most| is(most, |most| most < 0.0));
    least.or(most).cloned().unwrap_or_else(|| json!(0))
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
