//! What a tool fails with.

use super::{Carried, Unexpected};
use crate::{
    protocol::{ContentBlock, ErrorObject, ToolResult},
    refusal::Refusal,
};
use std::{borrow::Cow, error::Error, fmt};

/// The failure of a tool.
///
/// [`ToolError::new`] is an answer: the model sees its text and can act on it. Any
/// `std::error::Error` converts with `?` and is *internal*: it was not written for a client and
/// may hold secrets, so the client gets a reference and the log gets the text. To show such an
/// error on purpose, use [`ToolError::expose`].
///
/// ```
/// use mcp_core::ToolError;
///
/// fn year(text: &str) -> Result<u16, ToolError> {
///     let year = text.parse().map_err(ToolError::expose)?; // the model sees why
///     if year > 2100 {
///         return Err(ToolError::new("that is too far ahead; try a year up to 2100"));
///     }
///     std::fs::metadata("/var/lib/library")?; // the model sees a reference only
///     Ok(year)
/// }
/// assert!(year("19x7").unwrap_err().to_string().contains("invalid digit"));
/// ```
pub struct ToolError(Kind);

enum Kind {
    Answer(Box<ToolResult>),
    Refused(Refusal),
    Internal(Unexpected),
}

impl ToolError {
    /// A failure that the model sees.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Kind::Answer(Box::new(ToolResult::error(message))))
    }

    /// Shows the text of an error to the model.
    pub fn expose(error: impl fmt::Display) -> Self {
        Self::new(error.to_string())
    }

    /// An error for the operator: logged, and told to the client as a reference.
    pub fn internal(error: impl fmt::Display) -> Self {
        Self(Kind::Internal(Unexpected::Text(error.to_string())))
    }

    /// Answers with a JSON-RPC error instead of a result.
    pub fn protocol(error: ErrorObject) -> Self {
        Self(Kind::Refused(Refusal::answer(error)))
    }

    /// Adds a block to the answer that the model sees; nothing to other kinds of errors.
    #[must_use]
    pub fn with_content(mut self, block: impl Into<ContentBlock>) -> Self {
        if let Kind::Answer(result) = &mut self.0 {
            result.content.push(block.into());
        }
        self
    }

    /// The answer, or the refusal.
    pub(crate) fn into_result(self) -> Result<ToolResult, Refusal> {
        match self.0 {
            Kind::Answer(result) => Ok(*result),
            Kind::Refused(refusal)
            | Kind::Internal(Unexpected::Carried(Carried::Refusal(refusal))) => Err(refusal),
            Kind::Internal(Unexpected::Carried(Carried::Answer(text))) => {
                Ok(ToolResult::error(text))
            }
            Kind::Internal(Unexpected::Text(text)) => Ok(internal_result(&text)),
        }
    }
}

impl ToolError {
    /// The text for the model, or what is not for it.
    pub(super) fn into_message(self) -> Result<String, Unexpected> {
        match self.0 {
            Kind::Answer(_) => Ok(self.to_string()),
            Kind::Refused(refusal) => Err(Unexpected::Carried(Carried::Refusal(refusal))),
            Kind::Internal(unexpected) => Err(unexpected),
        }
    }
}

/// What a model is told of an internal error.
pub(crate) fn internal_result(text: &str) -> ToolResult {
    let reference = super::Reference::log(text);
    ToolResult::error(format!("internal error (reference {reference})"))
}

impl<E: Error> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self(Kind::Internal(Unexpected::from_error(&error)))
    }
}

impl From<ErrorObject> for ToolError {
    fn from(error: ErrorObject) -> Self {
        Self::protocol(error)
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Answer(result) => match result.content.first() {
                Some(ContentBlock::Text { text, .. }) => f.write_str(text),
                _ => f.write_str("the tool failed"),
            },
            Kind::Refused(refusal) => refusal.fmt(f),
            Kind::Internal(Unexpected::Carried(carried)) => carried.fmt(f),
            Kind::Internal(Unexpected::Text(text)) => f.write_str(text),
        }
    }
}

impl fmt::Debug for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ToolError({self})")
    }
}
