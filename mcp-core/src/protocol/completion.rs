//! Argument completion.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The parameters of `completion/complete`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompleteParams {
    /// What is being completed.
    #[serde(rename = "ref")]
    pub reference: CompletionReference,
    /// The argument and what has been typed.
    pub argument: CompletionArgument,
    /// Arguments that are known already (from 2025-06-18).
    #[serde(default)]
    pub context: CompletionContext,
}

/// What is being completed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum CompletionReference {
    /// An argument of a prompt.
    #[serde(rename = "ref/prompt")]
    Prompt {
        /// The prompt.
        name: String,
    },
    /// A variable of a resource template.
    #[serde(rename = "ref/resource")]
    Resource {
        /// The template.
        uri: String,
    },
}

/// The argument and what has been typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompletionArgument {
    /// Its name.
    pub name: String,
    /// What has been typed so far.
    pub value: String,
}

/// Arguments that are known already.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompletionContext {
    /// By name.
    #[serde(default)]
    pub arguments: HashMap<String, String>,
}

/// Suggestions, best first; at most [`MAX`](Self::MAX) are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CompletionValues {
    /// The suggestions.
    pub values: Vec<String>,
    /// How many there are in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Whether there are more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}

impl CompletionValues {
    /// The most values that one answer may hold.
    pub const MAX: usize = 100;

    /// The first [`MAX`](Self::MAX) of these values; says so when there are more.
    pub fn new(values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut values: Vec<String> = values.into_iter().map(Into::into).collect();
        let total = values.len();
        values.truncate(Self::MAX);
        Self {
            has_more: Some(total > Self::MAX),
            total: Some(total as u64),
            values,
        }
    }
}
