//! Schemas of tools, judged by what will serve them.

use super::{fault::DesignFaults as Faults, placeholder, reader::Node};
use jsonschema::{Draft, PatternOptions};
use mcp_tower::{
    Entry, Server, ToolError, ToolResult,
    core::SchemaChecks,
    protocol::{RawJson, Tool},
};
use serde_json::Value;

/// The schema of arguments.
pub(super) fn input(node: &Node<'_>, faults: &mut Faults) -> Option<Value> {
    accepted(node, faults, Tool::with_input_schema)
}

/// The schema of structured results.
pub(super) fn output(node: &Node<'_>, faults: &mut Faults) -> Option<Value> {
    if !node.value.is_object() {
        node.fault(faults, "expected an object");
        return None;
    }
    accepted(node, faults, Tool::with_output_schema)
}

/// The schema, if a server can have a tool with it.
fn accepted(
    node: &Node<'_>,
    faults: &mut Faults,
    with: fn(Tool, RawJson) -> Tool,
) -> Option<Value> {
    const NAME: &str = "t";
    let schema = match RawJson::from_serialize(node.value) {
        Ok(schema) => schema,
        Err(error) => {
            node.fault(faults, error.to_string());
            return None;
        }
    };
    let tool = with(Tool::new(NAME), schema);
    let entry = Entry::tool(tool, |_, _| async { Ok::<_, ToolError>(ToolResult::new()) });
    let built = Server::builder("schemas", "0")
        .check_schemas(SchemaChecks::new())
        .entry(entry);
    let Err(error) = built.try_build() else {
        return Some(node.value.clone());
    };
    for problem in error.problems() {
        let prefix = format!("tool `{NAME}`: ");
        node.fault(faults, problem.strip_prefix(&prefix).unwrap_or(problem));
    }
    None
}

/// A default that is always the same has to be what the output schema says.
pub(super) fn check_default(schema: &Value, default: &Node<'_>, faults: &mut Faults) {
    if placeholder::is_filled(default.value) {
        return;
    }
    let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
    let options = match schema.get("$schema") {
        Some(_) => options,
        None => options.with_draft(Draft::Draft202012),
    };
    // The framework has compiled it before, and told what is wrong with it.
    let Ok(validator) = options.build(schema) else {
        return;
    };
    if let Err(error) = validator.validate(default.value) {
        let path = format!("{}{}", default.path, error.instance_path());
        faults.add(&path, format!("is not what `outputSchema` allows: {error}"));
    }
}
