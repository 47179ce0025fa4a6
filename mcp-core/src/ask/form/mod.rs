//! Forms: the flat schemas that elicitation allows, made from a type, and answers checked by them.

use crate::{
    error::{InvalidArgument, closest},
    param,
    protocol::{Revision, compat::Feature},
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The form of a struct, in the newest revision's terms.
///
/// # Errors
/// What in the type no form can ask for.
pub(super) fn of<T: JsonSchema>() -> Result<Value, String> {
    let Value::Object(schema) = param::struct_schema::<T>() else {
        return Err("the type of a form must be a struct".to_owned());
    };
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return Err("the type of a form must be a struct with named fields".to_owned());
    };
    let mut fields = Map::new();
    for (name, property) in properties {
        let field = field(property).ok_or_else(|| {
            format!("the field `{name}` is no string, number, boolean, enum or list of an enum")
        })?;
        fields.insert(name.clone(), field);
    }
    let mut form = json!({ "type": "object", "properties": fields });
    if let (Some(required), Some(form)) = (schema.get("required"), form.as_object_mut()) {
        form.insert("required".to_owned(), required.clone());
    }
    Ok(form)
}

/// Keywords that say something about a field whatever its type.
const COMMON: [&str; 3] = ["title", "description", "default"];

fn field(property: &Value) -> Option<Value> {
    let property = property.as_object()?;
    let keep = |keywords: &[&str]| {
        let keywords = COMMON.iter().chain(keywords);
        let kept =
            keywords.filter_map(|key| Some(((*key).to_owned(), property.get(*key)?.clone())));
        kept.collect::<Map<_, _>>()
    };
    let kind = property.get("type").and_then(Value::as_str);
    let (kind, mut field) = match kind {
        Some("string") if property.contains_key("enum") => ("string", keep(&["enum", "enumNames"])),
        Some("string") if !property.contains_key("oneOf") => {
            let mut field = keep(&["minLength", "maxLength", "pattern"]);
            let format = property.get("format").and_then(Value::as_str);
            if let Some(format @ ("email" | "uri" | "date" | "date-time")) = format {
                field.insert("format".to_owned(), format.into());
            }
            ("string", field)
        }
        Some("boolean") => ("boolean", keep(&[])),
        Some(kind @ ("integer" | "number")) => (kind, keep(&["minimum", "maximum"])),
        Some("array") => {
            let items = choices(property.get("items")?.as_object()?, "anyOf")?;
            let mut field = keep(&["minItems", "maxItems"]);
            field.insert("items".to_owned(), items.into());
            ("array", field)
        }
        _ => {
            let mut field = choices(property, "oneOf")?;
            field.extend(keep(&[]));
            ("string", field)
        }
    };
    field.insert("type".to_owned(), kind.into());
    Some(field.into())
}

/// The choices of an enum: bare values under `enum`, titled ones under `titled_under`.
fn choices(schema: &Map<String, Value>, titled_under: &str) -> Option<Map<String, Value>> {
    if let Some(values) = schema
        .get("enum")
        .filter(|_| schema.get("type") == Some(&"string".into()))
    {
        let values = values
            .as_array()?
            .iter()
            .all(Value::is_string)
            .then_some(values)?;
        return Some(Map::from_iter([
            ("type".to_owned(), "string".into()),
            ("enum".to_owned(), values.clone()),
        ]));
    }
    let mut titled = Vec::new();
    for variant in schema
        .get("oneOf")
        .or_else(|| schema.get("anyOf"))?
        .as_array()?
    {
        let text = |key| variant.get(key).and_then(Value::as_str);
        match (text("const"), variant.get("enum").and_then(Value::as_array)) {
            (Some(value), _) => {
                let title = text("title")
                    .or_else(|| text("description"))
                    .unwrap_or(value);
                titled.push(json!({ "const": value, "title": title }));
            }
            // Variants without a title of their own.
            (None, Some(values)) => {
                for value in values {
                    titled.push(json!({ "const": value.as_str()?, "title": value }));
                }
            }
            (None, None) => return None,
        }
    }
    Some(Map::from_iter([(titled_under.to_owned(), titled.into())]))
}

/// The form in the terms of an older revision.
///
/// # Errors
/// When that revision has no such question.
pub(super) fn downlevel(mut form: Value, revision: Revision) -> Result<Value, &'static str> {
    if revision.has(Feature::ElicitationModes) {
        return Ok(form);
    }
    let fields = form.get_mut("properties").and_then(Value::as_object_mut);
    for field in fields.into_iter().flat_map(Map::values_mut) {
        let Value::Object(field) = field else {
            continue;
        };
        if field.get("type") == Some(&"array".into()) {
            return Err("the client's revision cannot ask for several choices at once");
        }
        if field.get("type") != Some(&"boolean".into()) {
            field.remove("default");
        }
        field.remove("pattern");
        if let Some(Value::Array(titled)) = field.remove("oneOf") {
            let part = |key| {
                titled
                    .iter()
                    .map(|choice| choice[key].clone())
                    .collect::<Vec<_>>()
            };
            let (values, names) = (part("const"), part("title"));
            field.insert("enum".to_owned(), values.into());
            field.insert("enumNames".to_owned(), names.into());
        }
    }
    Ok(form)
}

/// Reads an answer, after checking it against the form. Faults never quote what was answered.
pub(super) fn read<T: DeserializeOwned>(form: &Value, content: Value) -> Result<T, String> {
    let Value::Object(answers) = &content else {
        return Err("the answer to a form must be an object".to_owned());
    };
    let fields = form["properties"].as_object();
    for (name, field) in fields.into_iter().flatten() {
        if let Some(answer) = answers.get(name) {
            check(field, answer)
                .map_err(|expected| InvalidArgument::new(name, expected).to_string())?;
        }
    }
    let text = content.to_string();
    param::read_json(&text).map_err(|fault| format!("the answer does not fit the form: {fault}"))
}

/// Checks one answer against the keywords of its field.
fn check(field: &Value, answer: &Value) -> Result<(), String> {
    let limit = |key: &str| field.get(key).and_then(Value::as_f64);
    let within = |size: f64, min: &str, max: &str| {
        limit(min).is_none_or(|min| min <= size) && limit(max).is_none_or(|max| size <= max)
    };
    #[allow(clippy::cast_precision_loss)]
    let count = |count: usize| count as f64;
    match answer {
        Value::String(text) => {
            if !within(count(text.chars().count()), "minLength", "maxLength") {
                return Err("expected a text of another length".to_owned());
            }
            check_choice(field, text)
        }
        Value::Number(number) => match number.as_f64() {
            Some(number) if within(number, "minimum", "maximum") => Ok(()),
            _ => Err("expected a number within the limits of the form".to_owned()),
        },
        Value::Array(items) => {
            if !within(count(items.len()), "minItems", "maxItems") {
                return Err("expected another number of choices".to_owned());
            }
            items.iter().try_for_each(|item| match item.as_str() {
                Some(item) => check_choice(&field["items"], item),
                None => Err("expected a list of texts".to_owned()),
            })
        }
        _ => Ok(()),
    }
}

fn check_choice(field: &Value, answer: &str) -> Result<(), String> {
    let bare = field.get("enum").and_then(Value::as_array);
    let titled = field
        .get("oneOf")
        .or_else(|| field.get("anyOf"))
        .and_then(Value::as_array);
    let allowed: Vec<&str> = match (bare, titled) {
        (Some(values), _) => values.iter().filter_map(Value::as_str).collect(),
        (None, Some(choices)) => choices
            .iter()
            .filter_map(|choice| choice["const"].as_str())
            .collect(),
        (None, None) => return Ok(()),
    };
    if allowed.contains(&answer) {
        return Ok(());
    }
    Err(match closest(answer, allowed.iter().copied()) {
        Some(best) => format!("expected one of the choices; did you mean \"{best}\"?"),
        None => "expected one of the choices".to_owned(),
    })
}

#[cfg(test)]
mod tests;
