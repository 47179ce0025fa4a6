//! The answer to one MCP request.

mod encode;
mod text;

pub(crate) use encode::{Identity, encode_error};

use crate::{
    ask::Question,
    protocol::{
        CacheHint, CompletionValues, DiscoverResult, InitializeResult, Meta, PromptResult, RawJson,
        ReadResult, ToolResult,
    },
    refusal::Refusal,
};
use bytes::Bytes;

/// A result, or a refusal.
///
/// Layers see it in the newest revision's terms; the server puts it in the client's terms when it
/// is encoded.
#[derive(Clone, Debug)]
pub struct Response {
    outcome: Result<Payload, Refusal>,
}

/// A result by what produced it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Payload {
    /// Of `tools/call`.
    Tool(ToolResult),
    /// Of `prompts/get`.
    Prompt(PromptResult),
    /// Of `resources/read`.
    Read(ReadResult),
    /// Of `completion/complete`.
    Completion(CompletionValues),
    /// Of `initialize`.
    Initialize(Box<InitializeResult>),
    /// Of `server/discover`.
    Discover(Box<DiscoverResult>, CacheHint),
    /// One page of a list, its items rendered before.
    List(Page),
    /// The call cannot go on without answers (2026-07-28).
    InputRequired(InputRequired),
    /// `{}`.
    Empty,
    /// Of `subscriptions/listen`: nothing but metadata.
    Closing(Meta),
    /// A whole result object, passed on byte for byte.
    Raw(RawJson),
}

/// The questions that end a round, and the state to come back with.
#[derive(Clone, Debug)]
pub struct InputRequired {
    /// The questions.
    pub questions: Vec<Question>,
    /// The state, sealed.
    pub state: String,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The member that holds the items.
    pub(crate) member: &'static str,
    /// The items, joined by commas.
    pub(crate) items: Bytes,
    /// Where the next page starts.
    pub(crate) next_cursor: Option<String>,
    /// How long the list may be reused.
    pub(crate) cache: CacheHint,
}

impl Response {
    /// The result.
    ///
    /// # Errors
    /// The refusal.
    pub fn outcome(&self) -> Result<&Payload, &Refusal> {
        self.outcome.as_ref()
    }

    /// The result, to change.
    ///
    /// # Errors
    /// The refusal.
    pub fn into_outcome(self) -> Result<Payload, Refusal> {
        self.outcome
    }
}

impl From<Payload> for Response {
    fn from(payload: Payload) -> Self {
        Self {
            outcome: Ok(payload),
        }
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        Self {
            outcome: Err(refusal),
        }
    }
}

impl From<Result<Payload, Refusal>> for Response {
    fn from(outcome: Result<Payload, Refusal>) -> Self {
        Self { outcome }
    }
}
