//! Schemas of tools, judged by what will serve them.

use super::{
    fault::DesignFaults as Faults,
    reader::Node,
    sample::{Known, known, sample},
};
use jsonschema::{
    Draft, PatternOptions, ValidationError, Validator, error::ValidationErrorKind as Kind,
};
use mcp_tower::{
    Entry, Server, ToolError, ToolResult,
    core::{SchemaChecks, SchemaCost, SchemaEffort},
    protocol::{RawJson, Tool},
};
use serde_json::Value;
use std::sync::Arc;

/// How many errors of one response are looked at.
const MAX_ERRORS: usize = 16;
const NOT_ALLOWED: &str = "it is too large or too deeply nested to tell where";
const TOO_COSTLY: &str = "it takes too many steps to check; nest it less";
/// The longest reason that is told, in characters: a schema may list thousands of values.
const LONGEST_REASON: usize = 300;

/// The schema of arguments.
pub(super) fn input(node: &Node<'_>, faults: &mut Faults) -> Option<Value> {
    accepted(node, faults, Tool::with_input_schema)
}

/// The schema of structured results.
pub(super) fn output(node: &Node<'_>, faults: &mut Faults) -> Option<OutputSchema> {
    if !node.value.is_object() {
        node.fault(faults, "expected an object");
        return None;
    }
    let schema = accepted(node, faults, Tool::with_output_schema)?;
    let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
    let options = match schema.get("$schema") {
        Some(_) => options,
        None => options.with_draft(Draft::Draft202012),
    };
    let cost = SchemaCost::new(&schema);
    let validator = options.build(&schema).map_err(|error| error.to_string());
    match cost.and_then(|cost| Ok((cost, validator?))) {
        Ok((cost, validator)) => Some(OutputSchema {
            schema,
            cost: Arc::new(cost),
            validator: Arc::new(validator),
        }),
        // The framework has compiled it in the same way, and told what is wrong with it.
        Err(error) => {
            node.fault(faults, error);
            None
        }
    }
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

/// The schema of structured results: what a tool answers is measured by it.
#[derive(Clone, Debug)]
pub struct OutputSchema {
    schema: Value,
    /// Answers are made of arguments: a caller chooses how they are nested.
    cost: Arc<SchemaCost>,
    /// In the dialect that it names, or in the newest.
    validator: Arc<Validator>,
}

impl OutputSchema {
    /// The schema, as the design has it.
    pub fn value(&self) -> &Value {
        &self.schema
    }

    /// Why an answer is not allowed: where, and the first reason, as far as finding them is cheap. It
    /// names no value.
    ///
    /// ```
    /// use mock_platform::design::ServerDesign;
    /// use serde_json::json;
    ///
    /// let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
    /// let design = ServerDesign::parse(&json!({
    ///     "id": "abc123", "name": "Forecast", "version": "1.0.0",
    ///     "tools": [{"name": "count", "outputSchema": schema, "default": {"n": "{{args.n}}"}}],
    /// }))?;
    /// let schema = design.tools[0].output_schema.as_ref().expect("there is one");
    /// assert_eq!(schema.problem(&json!({"n": 1})), None);
    /// assert!(schema.problem(&json!({"n": "one"})).is_some_and(|why| why.starts_with("/n: ")));
    /// # Ok::<(), mock_platform::design::DesignFaults>(())
    /// ```
    pub fn problem(&self, answer: &Value) -> Option<String> {
        let error = match self.cost.effort(answer) {
            SchemaEffort::Nothing => return Some(TOO_COSTLY.to_owned()),
            SchemaEffort::Verdict => {
                return (!self.validator.is_valid(answer)).then(|| NOT_ALLOWED.to_owned());
            }
            _ => self.validator.validate(answer).err()?,
        };
        let path = error.instance_path().to_string();
        let reason = reason(&error);
        Some(match path.is_empty() {
            true => reason,
            false => format!("{path}: {reason}"),
        })
    }

    /// Tells what no call can make right: everything that is wrong with a response without
    /// placeholders, and of others what does not depend on them.
    pub(super) fn check(&self, response: &Node<'_>, faults: &mut Faults) {
        let whole = known(response.value);
        let sample = sample(response.value);
        for error in self.errors(&sample) {
            let path = error.instance_path().to_string();
            let part = response.value.pointer(&path).map(known);
            let is_certain = match (whole, part) {
                (Known::All, _) => true,
                // It may hold of some values, and those are not known.
                _ if is_conditional(&error) => false,
                (_, Some(Known::All)) => true,
                (_, Some(Known::Shape)) => is_about_shape(error.kind()),
                _ => false,
            };
            if is_certain {
                let path = format!("{}{path}", response.path);
                let reason = reason(&error);
                faults.add(
                    &path,
                    format!("is not what `outputSchema` allows: {reason}"),
                );
            }
        }
    }

    /// As many as are cheap: what has too many is told of when it is served.
    fn errors<'a>(&'a self, sample: &'a Value) -> Vec<ValidationError<'a>> {
        match self.cost.effort(sample) {
            SchemaEffort::AllFaults => {
                let errors = self.validator.iter_errors(sample);
                errors.take(MAX_ERRORS).collect()
            }
            SchemaEffort::FirstFault => self.validator.validate(sample).err().into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

fn is_conditional(error: &ValidationError<'_>) -> bool {
    let path = error.schema_path().to_string();
    path.split('/')
        .any(|keyword| matches!(keyword, "then" | "else"))
}

/// Whether nothing but the type and the number of members or items can be to blame.
fn is_about_shape(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Type { .. }
            | Kind::Required { .. }
            | Kind::AdditionalProperties { .. }
            | Kind::MinItems { .. }
            | Kind::MaxItems { .. }
            | Kind::MinProperties { .. }
            | Kind::MaxProperties { .. }
            | Kind::FalseSchema
    )
}

/// In the words of the library, without the value.
fn reason(error: &ValidationError<'_>) -> String {
    let text = error.masked().to_string();
    match text.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
