//! Arguments that modern clients mirror in `Mcp-Param-*` headers, found in a tool's schema.

use crate::protocol::RawJson;
use serde_json::{Map, Value};

const KEYWORD: &str = "x-mcp-header";

/// An argument that is mirrored in a header, so that proxies can route by it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderParam {
    /// The header, such as `mcp-param-region`, in lower case.
    pub header: String,
    /// Where the argument is: one property name per level.
    pub path: Vec<String>,
    /// Its type, which says how both are compared.
    pub kind: HeaderType,
}

/// The types that can be mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderType {
    /// Compared as text.
    String,
    /// Compared as a number.
    Integer,
    /// `true` or `false`.
    Boolean,
}

/// The mirrored arguments of a schema, or why it cannot be.
///
/// An annotated property must be reachable through `properties` alone.
pub(super) fn of(schema: &RawJson) -> Result<Vec<HeaderParam>, String> {
    let text = schema.as_str();
    let schema: Value = serde_json::from_str(text)
        .map_err(|error| format!("the input schema is not JSON: {error}"))?;
    let Value::Object(root) = &schema else {
        return Err("the input schema must be an object".to_owned());
    };
    if root.get("type").and_then(Value::as_str) != Some("object") {
        return Err("the input schema must have `\"type\": \"object\"` at its root".to_owned());
    }
    if !text.contains(KEYWORD) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    collect(root, &mut Vec::new(), &mut found)?;
    if occurrences(&schema) != found.len() {
        return Err(format!(
            "`{KEYWORD}` only works on properties reached through `properties`"
        ));
    }
    for (index, param) in found.iter().enumerate() {
        if found[..index]
            .iter()
            .any(|other| other.header == param.header)
        {
            return Err(format!("two arguments are mirrored in `{}`", param.header));
        }
    }
    Ok(found)
}

fn collect(
    schema: &Map<String, Value>,
    path: &mut Vec<String>,
    found: &mut Vec<HeaderParam>,
) -> Result<(), String> {
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return Ok(());
    };
    for (name, property) in properties {
        let Value::Object(property) = property else {
            continue;
        };
        path.push(name.clone());
        if let Some(header) = property.get(KEYWORD) {
            found.push(param(header, property, path)?);
        }
        collect(property, path, found)?;
        path.pop();
    }
    Ok(())
}

fn param(
    header: &Value,
    property: &Map<String, Value>,
    path: &[String],
) -> Result<HeaderParam, String> {
    let name = header.as_str().unwrap_or_default();
    let is_token = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if !is_token {
        return Err(format!("`{KEYWORD}` must be a header name"));
    }
    let kind = match property.get("type").and_then(Value::as_str) {
        Some("string") => HeaderType::String,
        Some("integer") => HeaderType::Integer,
        Some("boolean") => HeaderType::Boolean,
        _ => {
            let path = path.join(".");
            return Err(format!(
                "`{path}` is mirrored in a header, so its type must be string, integer or boolean"
            ));
        }
    };
    Ok(HeaderParam {
        header: format!("mcp-param-{}", name.to_ascii_lowercase()),
        path: path.to_vec(),
        kind,
    })
}

fn occurrences(schema: &Value) -> usize {
    match schema {
        Value::Object(members) => {
            let here = usize::from(members.get(KEYWORD).is_some_and(Value::is_string));
            here + members.values().map(occurrences).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(occurrences).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(schema: &str) -> Result<Vec<HeaderParam>, String> {
        of(&RawJson::from_text(schema.to_owned()).unwrap())
    }

    #[test]
    fn annotated_properties_are_found() {
        let found = params(
            r#"{"type":"object","properties":{"r":{"type":"string","x-mcp-header":"Region"},"o":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}}}}"#,
        )
        .unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|p| (p.header.as_str(), p.path.join(".")))
            .collect();
        assert!(found.contains(&("mcp-param-region", "r".to_owned())));
        assert!(found.contains(&("mcp-param-n", "o.n".to_owned())));
    }

    #[test]
    fn what_cannot_be_mirrored_is_refused() {
        let table = [
            r#"[]"#,
            r#"{"type":"string"}"#,
            r#"{"type":"object","properties":{"a":{"type":"number","x-mcp-header":"A"}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"a b"}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"string","x-mcp-header":""}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}}}"#,
            r#"{"type":"object","$defs":{"d":{"type":"string","x-mcp-header":"A"}}}"#,
        ];
        for schema in table {
            assert!(params(schema).is_err(), "{schema}");
        }
    }
}
