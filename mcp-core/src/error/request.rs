//! What prompts, resources, extractors and raw handlers fail with.

use super::{Carried, ToolError, Unexpected};
use crate::{
    protocol::{ErrorCode, ErrorObject},
    refusal::Refusal,
};
use std::{borrow::Cow, error::Error, fmt};

/// The failure of anything whose errors are JSON-RPC errors: prompts, resources, extractors,
/// handlers of raw methods.
///
/// Like [`ToolError`](crate::ToolError), it comes from any `std::error::Error` by `?`, and such an
/// error is told to the client as a reference into the log only.
///
/// ```
/// use mcp_core::RequestError;
///
/// fn page(text: &str) -> Result<u32, RequestError> {
///     text.parse().map_err(|_| RequestError::invalid_params("a page is a number"))
/// }
/// assert_eq!(page("x").unwrap_err().to_string(), "a page is a number (-32602)");
/// ```
pub struct RequestError(Kind);

enum Kind {
    Refused(Refusal),
    Internal(Unexpected),
    NotFound,
}

impl RequestError {
    /// −32603 with a message that the client sees.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self::protocol(ErrorObject::new(ErrorCode::INTERNAL_ERROR, message))
    }

    /// −32602.
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::protocol(ErrorObject::invalid_params(message))
    }

    /// There is nothing under the requested URI, as the code of the client's revision.
    pub fn not_found() -> Self {
        Self(Kind::NotFound)
    }

    /// A JSON-RPC error of one's own.
    pub fn protocol(error: ErrorObject) -> Self {
        Self(Kind::Refused(Refusal::answer(error)))
    }

    /// An error for the operator: logged, and told to the client as a reference.
    pub fn internal(error: impl fmt::Display) -> Self {
        Self(Kind::Internal(Unexpected::Text(error.to_string())))
    }

    /// The refusal, and the URI it is about for errors that name one.
    pub(crate) fn into_refusal(self, uri: &str) -> Refusal {
        match self.0 {
            Kind::Refused(refusal) => refusal,
            Kind::Internal(unexpected) => unexpected.into_refusal(),
            Kind::NotFound => Refusal::answer(ErrorObject::resource_not_found(uri)),
        }
    }

    /// The text, when the error is internal.
    pub(crate) fn internal_text(&self) -> Option<&str> {
        match &self.0 {
            Kind::Internal(Unexpected::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl<E: Error> From<E> for RequestError {
    fn from(error: E) -> Self {
        Self(Kind::Internal(Unexpected::from_error(&error)))
    }
}

impl From<ToolError> for RequestError {
    /// What a model would be told becomes the message of the JSON-RPC error.
    fn from(error: ToolError) -> Self {
        match error.into_message() {
            Ok(message) => Self::new(message),
            Err(Unexpected::Carried(Carried::Refusal(refusal))) => Self::refused(refusal),
            Err(unexpected) => Self(Kind::Internal(unexpected)),
        }
    }
}

impl From<ErrorObject> for RequestError {
    fn from(error: ErrorObject) -> Self {
        Self::protocol(error)
    }
}

impl RequestError {
    /// A refusal with an HTTP status of its own, such as 403.
    pub fn refused(refusal: Refusal) -> Self {
        Self(Kind::Refused(refusal))
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Refused(refusal) => refusal.fmt(f),
            Kind::Internal(Unexpected::Carried(carried)) => carried.fmt(f),
            Kind::Internal(Unexpected::Text(text)) => f.write_str(text),
            Kind::NotFound => f.write_str("resource not found"),
        }
    }
}

impl fmt::Debug for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestError({self})")
    }
}
