//! OpenAPI 3.0 and 3.1, as JSON: an operation becomes a tool, and its first example what the tool answers.
//!
//! Parameters in path, query and header become arguments; the properties of a JSON body that is an
//! object stand beside them, unless a name is there twice or the body says more than properties:
//! then the whole body is the argument `body`. Cookies are left out. Local references are
//! followed, and what refers to itself goes into `$defs`, as do all references where there is no room to
//! write them out; nothing is ever fetched.
//!
//! What a design cannot hold is made to fit: a pattern that takes more than linear time is left out, and
//! so is a reference that is dynamic, or that comes back to itself for the same value, which `$comment` says; `{{` in an example becomes `{ {`, since it would be a placeholder; a
//! description that is too long is cut.

mod circle;
mod fit;
mod name;
mod operation;
mod reading;
mod sample;
mod schema;

use crate::design::DesignFaults;
use name::Names;
use reading::{Reading, join};
use serde_json::{Map, Value, json};

/// How many operations a document may have.
pub const MAX_OPERATIONS: usize = 500;
/// How many bytes the schemas of a document may come to, once its references are followed.
pub const MAX_EXPANDED: usize = 4 * 1024 * 1024;
/// How deeply schemas may be nested, once their references are followed.
pub const MAX_DEPTH: usize = 64;

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// The document of a design: a draft, with a tool for each operation. Its schemas are checked, which for a
/// document of more than a mebibyte takes seconds in a debug build.
///
/// # Errors
/// Everything that is wrong with the OpenAPI document, each fault with a JSON Pointer into it:
/// another version, references that lead nowhere or elsewhere, too much of anything, schemas that
/// are none.
pub fn import(document: &Value) -> Result<Value, DesignFaults> {
    // Several hosts refuse references in schemas, so it is better without, as long as there is room.
    read(document, false).or_else(|_| read(document, true))
}

fn read(document: &Value, shares: bool) -> Result<Value, DesignFaults> {
    let mut reading = Reading::new(document, shares);
    let made = reading.is_known_version().then(|| design(&mut reading));
    reading.finish()?;
    let (design, operations) = made.unwrap_or_default();
    fit::check(&design, &operations)?;
    Ok(design)
}

/// The document of a design, and where the operation of each of its tools is.
fn design(reading: &mut Reading<'_>) -> (Value, Vec<String>) {
    let info = &reading.document["info"];
    let mut design = Map::new();
    for (to, from, otherwise) in [
        ("name", "title", Some("Imported")),
        ("version", "version", Some("1.0.0")),
        ("description", "description", None),
    ] {
        let text = info[from].as_str().filter(|text| !text.is_empty());
        if let Some(text) = text.or(otherwise) {
            design.insert(to.to_owned(), fit::description(text).into());
        }
    }
    design.insert("status".to_owned(), "draft".into());
    let (tools, operations) = tools(reading).into_iter().unzip();
    design.insert("tools".to_owned(), Value::Array(tools));
    (design.into(), operations)
}

fn tools(reading: &mut Reading<'_>) -> Vec<(Value, String)> {
    let Some(paths) = reading.document["paths"].as_object() else {
        reading.fault("/paths", "expected an object with the operations");
        return Vec::new();
    };
    let (mut tools, mut names) = (Vec::new(), Names::default());
    for (path, item) in paths.iter().filter(|(path, _)| path.starts_with('/')) {
        let Some((item, at)) = reading.object(item, &join("/paths", path)) else {
            continue;
        };
        let shared = item
            .get("parameters")
            .map(|shared| (shared, join(&at, "parameters")));
        for (method, operation) in item {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let at = join(&at, method);
            if tools.len() == MAX_OPERATIONS {
                reading.fault(&at, format!("expected {MAX_OPERATIONS} operations at most"));
                return tools;
            }
            let Some(operation) = operation.as_object() else {
                reading.fault(&at, "expected an operation, which is an object");
                continue;
            };
            let wanted = operation.get("operationId").and_then(Value::as_str);
            let name = names.take(wanted.filter(|id| !id.is_empty()), method, path);
            let mut tool = operation::tool(reading, operation, &at, shared.as_ref());
            let mut named = Map::from_iter([("name".to_owned(), json!(name))]);
            named.append(&mut tool);
            tools.push((named.into(), at));
        }
    }
    if tools.is_empty() {
        reading.fault("/paths", "expected at least one operation");
    }
    tools
}
