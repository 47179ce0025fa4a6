//! Prompts.

/// A prompt, with the values of its arguments in its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptDesign {
    pub name: String,
    pub title: Option<String>,
    pub description: Option<String>,
    pub enabled: bool,
    pub arguments: Vec<PromptArgument>,
    pub messages: Vec<PromptMessage>,
}

/// An argument of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptArgument {
    pub name: String,
    pub description: Option<String>,
    pub required: bool,
    /// Suggestions for completion.
    pub values: Vec<String>,
}

/// One message; `{{name}}` stands for an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    pub role: Role,
    pub text: String,
}

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    User,
    Assistant,
}
