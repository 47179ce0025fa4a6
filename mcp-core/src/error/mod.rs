//! What handlers and extractors fail with, and what becomes of it.
//!
//! There are three kinds of errors. A *tool* error is an answer that the model sees. A *protocol*
//! error is a JSON-RPC error that the client sees. An *internal* error is for the operator: the
//! client gets a [`Reference`], the log gets the text.

mod argument_path;
mod failure;
mod invalid_argument;
mod reference;
mod request;
mod tool;

pub(crate) use argument_path::ArgumentPath;
pub use failure::Failure;
pub(crate) use invalid_argument::closest;
pub use invalid_argument::{InvalidArgument, InvalidArgumentKind};
pub use reference::Reference;
pub use request::RequestError;
pub use tool::ToolError;
#[cfg(feature = "json-schema")]
pub(crate) use tool::internal_result;

/// Any error, as Tower layers use it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

use crate::{
    protocol::{ErrorCode, ErrorObject},
    refusal::Refusal,
};
use std::{borrow::Cow, error::Error, fmt};

/// Something for the client that travels inside another error's chain of sources.
///
/// Converting a foreign error looks for one, so that `?` keeps the meaning of a question that
/// could not be asked, even through an error type of the user's own.
#[derive(Clone, Debug)]
pub(crate) enum Carried {
    /// The client is refused.
    Refusal(Refusal),
    /// The model is told this.
    Answer(Cow<'static, str>),
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusal(refusal) => refusal.fmt(f),
            Self::Answer(text) => f.write_str(text),
        }
    }
}

impl Error for Carried {}

/// What is known of an error that was not made for a client.
#[derive(Debug)]
pub(crate) enum Unexpected {
    /// For the log.
    Text(String),
    /// It carries what the client should be told.
    Carried(Carried),
}

impl Unexpected {
    fn from_error<E: Error>(error: &E) -> Self {
        use std::fmt::Write;
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(carried) = cause.downcast_ref::<Carried>() {
                return Self::Carried(carried.clone());
            }
            // Writing to a string cannot fail.
            let _ = write!(text, ": {cause}");
            source = cause.source();
        }
        Self::Text(text)
    }

    /// Logs the text under a fresh reference.
    fn into_refusal(self) -> Refusal {
        match self {
            Self::Carried(Carried::Refusal(refusal)) => refusal,
            Self::Carried(Carried::Answer(text)) => {
                Refusal::answer(ErrorObject::new(ErrorCode::INTERNAL_ERROR, text))
            }
            Self::Text(text) => Refusal::internal(Reference::log(&text)),
        }
    }
}
