//! A tool, its schemas and what it answers with.

use super::Scenario;
use serde_json::Value;

/// A tool that answers by scenarios.
#[derive(Clone, Debug)]
pub struct ToolDesign {
    pub name: String,
    pub title: Option<String>,
    pub description: Option<String>,
    /// `{"type": "object"}` without one.
    pub input_schema: Value,
    pub output_schema: Option<Value>,
    pub annotations: Option<Value>,
    /// A tool that is off is unknown to clients.
    pub enabled: bool,
    /// Asked in order; the first one that fits answers.
    pub scenarios: Vec<Scenario>,
    /// The response where none fits. `Some(Null)` is `null`.
    pub default: Option<Value>,
}
