//! What an operation takes and gives, as a tool.

use super::{
    fit,
    reading::{Reading, join},
    sample::Samples,
    schema::Schemas,
};
use crate::design::escape_value;
use serde_json::{Map, Value, json};

/// Headers whose meaning is not the operation's; OpenAPI has such parameters ignored.
const NOT_ARGUMENTS: [&str; 3] = ["accept", "content-type", "authorization"];
/// All that the schema of a body may say whose properties stand beside other arguments.
const PLAIN: [&str; 7] = [
    "type",
    "properties",
    "required",
    "title",
    "description",
    "examples",
    "additionalProperties",
];

type Object = Map<String, Value>;

/// The members of a tool but for its name.
pub(super) fn tool<'a>(
    reading: &mut Reading<'a>,
    operation: &'a Object,
    at: &str,
    shared: Option<&(&'a Value, String)>,
) -> Object {
    let mut tool = Object::new();
    let text = |key| {
        operation
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let description = match (text("summary"), text("description")) {
        (Some(summary), Some(description)) if summary != description => {
            Some(format!("{summary}\n\n{description}"))
        }
        (one, other) => one.or(other).map(str::to_owned),
    };
    if let Some(description) = description {
        let description = fit::description(&description);
        tool.insert("description".to_owned(), description.into());
    }
    tool.insert(
        "inputSchema".to_owned(),
        input(reading, operation, at, shared),
    );
    // An example is as it is: braces in it are no placeholders.
    let answer = escape_value(answer(reading, operation, at));
    tool.insert("default".to_owned(), answer);
    tool
}

/// A parameter, where it is sent, and where it is written.
type Parameter<'a> = (&'a Object, &'a str, &'a str, String);

fn parameters<'a>(
    reading: &mut Reading<'a>,
    operation: &'a Object,
    at: &str,
    shared: Option<&(&'a Value, String)>,
) -> Vec<Parameter<'a>> {
    let own = operation
        .get("parameters")
        .map(|own| (own, join(at, "parameters")));
    let mut found: Vec<Parameter<'a>> = Vec::new();
    // The operation's own come last, and take the place of those that its path shares.
    for (list, at) in shared.cloned().into_iter().chain(own) {
        for (index, parameter) in list.as_array().into_iter().flatten().enumerate() {
            let Some((parameter, at)) = reading.object(parameter, &format!("{at}/{index}")) else {
                continue;
            };
            let text = |key| parameter.get(key).and_then(Value::as_str);
            let (Some(name), Some(place)) = (text("name"), text("in")) else {
                reading.fault(&at, "expected a parameter with `name` and `in`");
                continue;
            };
            let is_known = match place {
                "path" | "query" => true,
                "header" => !NOT_ARGUMENTS.contains(&name.to_ascii_lowercase().as_str()),
                _ => false,
            };
            if is_known {
                found.retain(|(_, other, there, _)| (*other, *there) != (name, place));
                found.push((parameter, name, place, at));
            }
        }
    }
    found
}

fn input<'a>(
    reading: &mut Reading<'a>,
    operation: &'a Object,
    at: &str,
    shared: Option<&(&'a Value, String)>,
) -> Value {
    let parameters = parameters(reading, operation, at, shared);
    let body = operation.get("requestBody");
    let body = body.and_then(|body| reading.object(body, &join(at, "requestBody")));
    let is_3_0 = reading.is_3_0();
    let mut schemas = Schemas::new(reading);
    let (mut properties, mut required) = (Object::new(), Vec::new());
    for (parameter, name, place, at) in parameters {
        let schema = match parameter.get("schema") {
            Some(schema) => Some((schema, join(&at, "schema"))),
            None => media(parameter, &at)
                .and_then(|(media, at)| Some((media.get("schema")?, join(&at, "schema")))),
        };
        let mut schema =
            schema.map_or_else(|| json!({}), |(schema, at)| schemas.convert(schema, &at));
        describe(&mut schema, parameter);
        let name = free(&properties, name, place);
        if place == "path" || parameter.get("required") == Some(&json!(true)) {
            required.push(json!(name));
        }
        properties.insert(name, schema);
    }
    let mut more = None;
    if let Some((body, at)) = body {
        let is_required = body.get("required") == Some(&json!(true));
        let schema = media(body, &at)
            .and_then(|(media, at)| Some((media.get("schema")?, join(&at, "schema"))));
        let schema = schema.map_or_else(|| json!({}), |(schema, at)| schemas.convert(schema, &at));
        match flat(schema, &properties, is_required) {
            Ok(mut plain) => {
                if let Some(Value::Object(mut members)) = plain.remove("properties") {
                    properties.append(&mut members);
                }
                if let Some(Value::Array(members)) = plain.remove("required") {
                    required.extend(members.into_iter().filter(|name| !name.is_null()));
                }
                more = plain.remove("additionalProperties");
            }
            Err(mut schema) => {
                describe(&mut schema, body);
                let name = free(&properties, "body", "request");
                if is_required {
                    required.push(json!(name));
                }
                properties.insert(name, schema);
            }
        }
    }
    let definitions = schemas.definitions();
    let mut input = Object::new();
    if !is_3_0 {
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        input.insert("$schema".to_owned(), dialect.into());
    }
    input.insert("type".to_owned(), "object".into());
    input.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        input.insert("required".to_owned(), required.into());
    }
    if let Some(more) = more {
        input.insert("additionalProperties".to_owned(), more);
    }
    if !definitions.is_empty() {
        input.insert("$defs".to_owned(), definitions.into());
    }
    input.into()
}

/// What stands for a name that another argument has.
fn free(properties: &Object, name: &str, place: &str) -> String {
    let mut free = name.to_owned();
    while properties.contains_key(&free) {
        free = format!("{free}_{place}");
    }
    free
}

fn describe(schema: &mut Value, from: &Object) {
    let description = from.get("description").filter(|text| text.is_string());
    if let (Value::Object(schema), Some(description)) = (schema, description) {
        // Beside a reference it would mean nothing to older dialects.
        if !schema.contains_key("$ref") {
            schema
                .entry("description")
                .or_insert_with(|| description.clone());
        }
    }
}

/// The schema of a body if its properties can stand beside other arguments, else as it was.
fn flat(schema: Value, taken: &Object, is_required: bool) -> Result<Object, Value> {
    let fits = schema.as_object().is_some_and(|object| {
        let properties = object.get("properties").and_then(Value::as_object);
        let is_free =
            properties.is_some_and(|all| all.keys().all(|name| !taken.contains_key(name)));
        let may_be_absent = is_required || object.get("required").is_none();
        let is_plain = object
            .keys()
            .all(|keyword| PLAIN.contains(&keyword.as_str()));
        is_free && may_be_absent && is_plain && object.get("type") == Some(&json!("object"))
    });
    match schema {
        Value::Object(object) if fits => Ok(object),
        other => Err(other),
    }
}

/// The JSON among the media types of something, or the first of them.
fn media<'a>(of: &'a Object, at: &str) -> Option<(&'a Object, String)> {
    let content = of.get("content")?.as_object()?;
    let is_json = |name: &str| {
        let name = name.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("application/json") || name.ends_with("+json")
    };
    let json = content.iter().find(|(name, _)| is_json(name));
    let (name, media) = json.or_else(|| content.iter().next())?;
    Some((media.as_object()?, join(&join(at, "content"), name)))
}

/// The first example of the first good answer; a sample by its schema; its description where it has no body.
fn answer<'a>(reading: &mut Reading<'a>, operation: &'a Object, at: &str) -> Value {
    let responses = operation.get("responses").and_then(Value::as_object);
    let Some(responses) = responses else {
        return Value::Null;
    };
    let good = responses
        .keys()
        .filter(|status| status.starts_with('2'))
        .min();
    let status = good.map_or("default", String::as_str);
    let at = join(&join(at, "responses"), status);
    let response = responses
        .get(status)
        .and_then(|response| reading.object(response, &at));
    let Some((response, at)) = response else {
        return Value::Null;
    };
    let Some((media, at)) = media(response, &at) else {
        let description = response.get("description");
        return description
            .filter(|text| text.is_string())
            .cloned()
            .unwrap_or_default();
    };
    if let Some(example) = media.get("example") {
        return reading.copy(example, &join(&at, "example"));
    }
    let examples = media.get("examples").and_then(Value::as_object);
    if let Some((name, example)) = examples.and_then(|examples| examples.iter().next()) {
        let at = join(&join(&at, "examples"), name);
        let example = reading.object(example, &at);
        if let Some(value) = example.and_then(|(example, _)| example.get("value")) {
            return reading.copy(value, &at);
        }
    }
    let Some(schema) = media.get("schema") else {
        return Value::Null;
    };
    let made = Samples::new(reading).of(schema, &join(&at, "schema"));
    made.unwrap_or_default()
}
