//! What a client is told before it begins.

use super::ask::Answers;
use http::{Extensions, HeaderMap};
use mcp_core::protocol::Revision;
use serde_json::{Map, Value};
use std::time::Duration;

#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) revision: Revision,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) extensions: Extensions,
    pub(super) accept: Accept,
    pub(super) answers: Answers,
    /// In the place of those that follow from the answers.
    pub(super) capabilities: Option<Map<String, Value>>,
    /// How long a message may take that has to come.
    pub(super) patience: Duration,
    /// Cut every stream of a call after so many events, and come back to it.
    pub(super) cut_after: Option<usize>,
}

/// What a client takes as an answer to a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Accept {
    /// JSON or events, as the server likes: what the specification asks of clients.
    #[default]
    Either,
    /// JSON alone: whatever would come before the answer is left out, and nothing can be asked.
    /// Only a mount that is [lenient](crate::AcceptPolicy::Either) serves it.
    Json,
    /// Events alone. Only a mount that is [lenient](crate::AcceptPolicy::Either) serves it.
    Events,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            revision: Revision::NEWEST_MODERN,
            path: "/mcp".to_owned(),
            headers: HeaderMap::new(),
            extensions: Extensions::new(),
            accept: Accept::default(),
            answers: Answers::default(),
            capabilities: None,
            patience: Duration::from_secs(10),
            cut_after: None,
        }
    }
}

impl Config {
    /// What the client says it can do.
    pub(super) fn capabilities(&self) -> Value {
        let declared = match &self.capabilities {
            Some(capabilities) => capabilities.clone(),
            None => self.answers.capabilities(),
        };
        Value::Object(declared)
    }
}
