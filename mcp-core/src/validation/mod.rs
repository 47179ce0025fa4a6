//! Arguments and structured results, checked against the schemas of their tools.
//!
//! What the schema of an annotated function says is mostly checked by its types already. Tools that
//! are data have nothing but their schema.

mod branches;
mod fault;
mod graph;
mod schema;
mod service;
mod steps;

use self::{
    schema::{Compiled, SchemaLimits},
    service::CheckLayer,
};
use crate::{protocol::Tool, server::Entry};
use std::sync::Arc;

pub use self::steps::{SchemaCost, SchemaEffort};

/// Has the arguments of tools, and what they answer with, checked against their schemas.
///
/// A schema is compiled once, when its tool is added, and what is wrong with it is reported then. Its
/// dialect is what `$schema` says; without that it is what the revision of a call takes for granted:
/// 2020-12 from 2025-11-25 on, Draft 7 before. The client chooses the revision, so a schema whose
/// strictness matters names its dialect. Nothing is ever fetched: a `$ref` to another document
/// is a fault of the schema. Patterns run in linear time, so that lookaround and backreferences are
/// faults too.
///
/// Bad arguments are told like those of annotated functions: with path and expectation, never with
/// the value that was sent. A result that its output schema does not allow is a fault of the server,
/// for the log; a result without structured content counts as one, an error does not.
///
/// | Limit | Default | Past it |
/// |---|---|---|
/// | [`schema_bytes`](Self::schema_bytes) | 256 KiB | the tool is refused |
/// | branches of a schema that apply to one value, `$ref`s followed | 10 000 | the tool is refused |
/// | steps of a check, each a schema applied to a value, where the schema refers to itself or comes to more than 1000 parts | 1 000 000 | the value is refused |
/// | schemas that apply within each other down to the innermost value, there | 600 | the value is refused |
/// | faults that a client is told of | 16 | the rest is not told |
/// | steps with which all faults are looked for | 32 000 | only the first is told |
/// | steps whose errors are collected for one fault, with those of all forms of an `anyOf` or `oneOf` | 20 000 | a wrong value is refused without saying where |
///
/// Steps are counted before anything is checked, and as if all forms were tried, so that
/// no value costs more than the table says, however it is nested. Where a schema refers to
/// itself by several forms, have each form require a member with a `const` text of its own: one
/// form is then tried for an object, where there are three or more, and nesting costs nothing.
///
/// What cannot be measured is refused with the tool: a `$ref` that does not lead to a place in the schema, an `$id`
/// below its top, and a schema that refers to itself for one and the same value.
///
/// ```
/// use mcp_core::{Entry, SchemaChecks, Server, ToolError, protocol::{RawJson, Tool, ToolResult}};
///
/// let schema = r#"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#;
/// let tool = Tool::new("weather").with_input_schema(RawJson::from_text(schema.into())?);
/// let weather = Entry::tool(tool, |arguments, _| async move {
///     // `arguments` has a city.
///     Ok::<_, ToolError>(ToolResult::text(arguments.as_str().to_owned()))
/// });
/// let server = Server::builder("weather", "1.0")
///     .check_schemas(SchemaChecks::new())
///     .entry(weather)
///     .build();
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SchemaChecks {
    outputs: bool,
    limits: SchemaLimits,
}

impl SchemaChecks {
    /// Checks arguments and results, with the limits of the table.
    pub const fn new() -> Self {
        Self {
            outputs: true,
            limits: SchemaLimits::DEFAULT,
        }
    }

    /// Leaves results alone.
    #[must_use]
    pub const fn without_outputs(mut self) -> Self {
        self.outputs = false;
        self
    }

    /// The longest schema in bytes.
    #[must_use]
    pub const fn schema_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }
}

impl Default for SchemaChecks {
    fn default() -> Self {
        Self::new()
    }
}

/// The schemas of one tool.
#[derive(Debug)]
struct ToolSchemas {
    name: String,
    input: Compiled,
    output: Option<Compiled>,
}

impl Entry<Tool> {
    /// Has its arguments and results checked, around the layers that it has so far. See
    /// [`SchemaChecks`], and [`ServerBuilder::check_schemas`](crate::ServerBuilder::check_schemas)
    /// for all tools of a server. Idempotent.
    #[must_use]
    pub fn check_schemas(mut self, checks: SchemaChecks) -> Self {
        let problems = self.add_schema_checks(checks);
        self.with_problems(problems)
    }

    /// Adds the checks; returns what is wrong with the schemas.
    pub(crate) fn add_schema_checks(&mut self, checks: SchemaChecks) -> Vec<String> {
        if self.mark_checked() {
            return Vec::new();
        }
        let tool = self.definition();
        let mut problems = Vec::new();
        let mut compile = |kind: &str, schema| match Compiled::new(schema, checks.limits) {
            Ok(schema) => Some(schema),
            Err(problem) => {
                problems.push(format!("the {kind} schema {problem}"));
                None
            }
        };
        let input = compile("input", &tool.input_schema);
        let output = tool.output_schema.as_ref().filter(|_| checks.outputs);
        let output = output.map(|schema| compile("output", schema));
        if let (Some(input), None | Some(Some(_))) = (input, &output) {
            let schemas = ToolSchemas {
                name: tool.name.to_string(),
                input,
                output: output.flatten(),
            };
            self.wrap(CheckLayer(Arc::new(schemas)));
        }
        problems
    }
}

#[cfg(test)]
mod tests;
