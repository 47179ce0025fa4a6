//! A tool, its schemas and what it answers with.

use super::{OutputSchema, Scenario};
use mcp_tower::protocol::ToolAnnotations;
use serde_json::Value;

/// A tool that answers by scenarios.
#[derive(Clone, Debug)]
pub struct ToolDesign {
    /// 1 to 128 of `A-Z a-z 0-9 _ . -`.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it does, for the model.
    pub description: Option<String>,
    /// `{"type": "object"}` without one.
    pub input_schema: Value,
    /// What its structured results are.
    pub output_schema: Option<OutputSchema>,
    /// Hints about its behaviour.
    pub annotations: Option<ToolAnnotations>,
    /// A tool that is off is unknown to clients.
    pub enabled: bool,
    /// Asked in order; the first one that fits answers.
    pub scenarios: Vec<Scenario>,
    /// The response where none fits. `Some(Null)` is `null`.
    pub default: Option<Value>,
}
