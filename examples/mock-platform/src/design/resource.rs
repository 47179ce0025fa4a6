//! Things to read.

use super::Scenario;
use serde_json::Value;

/// A resource, or a template of resources if its URI has variables.
#[derive(Clone, Debug)]
pub struct ResourceDesign {
    pub uri: String,
    pub name: String,
    pub title: Option<String>,
    pub description: Option<String>,
    pub mime_type: Option<String>,
    pub enabled: bool,
    pub contents: ResourceContents,
    /// Of a template: what is read instead where one fits the variables.
    pub scenarios: Vec<Scenario>,
}

/// What is read.
#[derive(Clone, Debug, PartialEq)]
pub enum ResourceContents {
    /// With the variables of the template in it.
    Text(String),
    /// Written as compact JSON, with the variables of the template in its strings.
    Json(Value),
    /// Base64.
    Blob(String),
}
