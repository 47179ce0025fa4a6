//! Prompts.

use mcp_tower::Role;

/// A prompt, with the values of its arguments in its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptDesign {
    /// 1 to 128 of `A-Z a-z 0-9 _ . -`.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// One that is off is unknown to clients.
    pub enabled: bool,
    /// What it can be given.
    pub arguments: Vec<PromptArgument>,
    /// What it comes to.
    pub messages: Vec<PromptMessage>,
}

/// An argument of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptArgument {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: Option<String>,
    /// Whether it must be given; it is empty otherwise.
    pub required: bool,
    /// Suggestions for completion.
    pub values: Vec<String>,
}

/// One message; `{{name}}` stands for an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub text: String,
}
