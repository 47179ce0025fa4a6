//! Things to read.

use super::Scenario;
use serde_json::Value;

/// A resource, or a template of resources if its URI has variables.
#[derive(Clone, Debug)]
pub struct ResourceDesign {
    /// What is read; RFC 6570 for a template.
    pub uri: String,
    /// A name.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its media type.
    pub mime_type: Option<String>,
    /// One that is off is unknown to clients.
    pub enabled: bool,
    /// What is read where no scenario fits.
    pub contents: ResourceContents,
    /// Of a template: what is read instead where one fits the variables.
    pub scenarios: Vec<Scenario>,
}

impl ResourceDesign {
    /// Whether its URI has variables.
    pub fn is_template(&self) -> bool {
        self.uri.contains('{')
    }
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
