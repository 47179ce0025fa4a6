//! The client's model.

use super::AskError;
use crate::{
    context::Context,
    peer::BoxFuture,
    protocol::{Capability, ContentBlock, RawJson, Role, Tool},
};
use serde::{Deserialize, Serialize};
use std::future::IntoFuture;

/// What the client's model is asked.
///
/// ```
/// use mcp_core::{SamplingMessage, SamplingRequest};
///
/// let request = SamplingRequest::new(100, [SamplingMessage::user("What is the capital of France?")])
///     .with_system_prompt("Answer with one word.");
/// # let _ = request;
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SamplingRequest {
    /// The conversation.
    pub messages: Vec<SamplingMessage>,
    /// The most tokens to generate.
    pub max_tokens: u32,
    /// What the model is to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// How freely to choose words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Where to stop.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop_sequences: Vec<String>,
    /// Hints about which model to use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_preferences: Option<RawJson>,
    /// Tools that the model may use (from 2025-11-25; the client must declare it).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// Whether the model must use one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<RawJson>,
}

impl SamplingRequest {
    /// A conversation to continue.
    pub fn new(max_tokens: u32, messages: impl Into<Vec<SamplingMessage>>) -> Self {
        Self {
            messages: messages.into(),
            max_tokens,
            system_prompt: None,
            temperature: None,
            stop_sequences: Vec::new(),
            model_preferences: None,
            tools: Vec::new(),
            tool_choice: None,
        }
    }

    /// Says what the model is to be.
    #[must_use]
    pub fn with_system_prompt(mut self, prompt: impl Into<String>) -> Self {
        self.system_prompt = Some(prompt.into());
        self
    }

    /// Offers a tool to the model.
    #[must_use]
    pub fn with_tool(mut self, tool: Tool) -> Self {
        self.tools.push(tool);
        self
    }

    fn requires(&self) -> Capability {
        if self.tools.is_empty() && self.tool_choice.is_none() {
            Capability::Sampling
        } else {
            Capability::SamplingTools
        }
    }
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SamplingMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said: one block, or a list of blocks as in 2025-11-25. Kept raw, since clients may
    /// send kinds of blocks, such as uses of tools, that content elsewhere does not have.
    pub content: RawJson,
}

impl SamplingMessage {
    /// The user speaks.
    pub fn user(content: impl Into<ContentBlock>) -> Self {
        Self::new(Role::User, &content.into())
    }

    /// The model speaks.
    pub fn assistant(content: impl Into<ContentBlock>) -> Self {
        Self::new(Role::Assistant, &content.into())
    }

    fn new(role: Role, content: &ContentBlock) -> Self {
        // Content is text and numbers: it always serializes.
        let content = RawJson::from_serialize(content).unwrap_or(RawJson::EMPTY_OBJECT);
        Self { role, content }
    }
}

/// What the client's model says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SamplingResult {
    /// Who speaks: the model.
    pub role: Role,
    /// What it says: one block, or a list of blocks.
    pub content: RawJson,
    /// Which model it was.
    pub model: String,
    /// Why it stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<String>,
}

impl SamplingResult {
    /// All text blocks, joined.
    pub fn text(&self) -> String {
        #[derive(Deserialize)]
        struct Block {
            #[serde(default)]
            text: String,
        }
        let blocks = match self.content.parse::<Block>() {
            Ok(block) => vec![block],
            Err(_) => self.content.parse::<Vec<Block>>().unwrap_or_default(),
        };
        blocks.into_iter().map(|block| block.text).collect()
    }
}

/// A question to the client's model; await it to ask. See [`Context::sample`].
#[derive(Debug)]
#[must_use = "a question is asked when it is awaited"]
pub struct Sample<'a> {
    context: &'a Context,
    key: String,
    request: SamplingRequest,
}

impl<'a> Sample<'a> {
    pub(super) fn new(context: &'a Context, key: String, request: SamplingRequest) -> Self {
        Self {
            context,
            key,
            request,
        }
    }
}

impl<'a> IntoFuture for Sample<'a> {
    type Output = Result<SamplingResult, AskError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let requires = self.request.requires();
            let method = "sampling/createMessage";
            let read = |answer: &RawJson| {
                let answer = answer.parse();
                answer.map_err(|_| "the client's message is malformed".to_owned())
            };
            let asked = self
                .context
                .ask(self.key, method, &self.request, requires, read);
            asked.await
        })
    }
}
