//! Why a question has no answer.

use crate::{
    error::Carried,
    protocol::{Capability, Era, ErrorObject, Revision},
    refusal::Refusal,
};
use std::{borrow::Cow, error::Error, fmt};

/// Why a question has no answer.
///
/// In a tool `?` is enough: the model is told that the user declined, the client that a capability
/// is missing. Match on [`kind`](Self::kind) to do something else.
#[derive(Debug)]
pub struct AskError {
    kind: AskErrorKind,
    message: Cow<'static, str>,
    carried: Option<Carried>,
}

/// The kinds of [`AskError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AskErrorKind {
    /// The user said no.
    Declined,
    /// The user closed the question without an answer.
    Cancelled,
    /// The client does not declare what it takes to answer.
    NotSupported,
    /// There is no way to this client: no session, or no stream.
    NobodyToAsk,
    /// The client answered with an error, or with something that is no answer.
    Failed,
    /// No answer came in time.
    TimedOut,
    /// Too many questions wait, or the call has gone through too many rounds.
    TooMany,
    /// The handler used the same key for two questions, or asked from a task of its own.
    Misused,
}

impl AskError {
    /// What kind of error.
    pub fn kind(&self) -> AskErrorKind {
        self.kind
    }

    /// An error that the model may read.
    fn told(kind: AskErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self {
            kind,
            carried: Some(Carried::Answer(message.clone())),
            message,
        }
    }

    pub(crate) fn declined() -> Self {
        Self::told(AskErrorKind::Declined, "the user declined to answer")
    }

    pub(crate) fn cancelled() -> Self {
        Self::told(AskErrorKind::Cancelled, "the user gave no answer")
    }

    pub(crate) fn nobody() -> Self {
        Self::told(AskErrorKind::NobodyToAsk, "this client cannot be asked")
    }

    /// No answer came in time.
    pub fn timed_out() -> Self {
        Self::told(AskErrorKind::TimedOut, "the client did not answer in time")
    }

    /// Too many questions wait for answers.
    pub fn too_many() -> Self {
        Self::told(AskErrorKind::TooMany, "too many questions wait for answers")
    }

    /// The client's answer is an error, or none at all.
    pub fn failed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::told(AskErrorKind::Failed, message)
    }

    /// A fault of the handler: for the log.
    pub(crate) fn misused(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: AskErrorKind::Misused,
            message: message.into(),
            carried: None,
        }
    }

    /// The code that says so exists in the modern era only; older clients are told in words.
    pub(crate) fn not_supported(capability: Capability, revision: Revision) -> Self {
        let message = "the client does not declare the capability that the question needs";
        match revision.era() {
            Era::Legacy => Self::told(AskErrorKind::NotSupported, message),
            Era::Modern => Self {
                kind: AskErrorKind::NotSupported,
                message: message.into(),
                carried: Some(Carried::Refusal(Refusal::missing_capability(&[capability]))),
            },
        }
    }

    /// What a client's JSON-RPC error says.
    pub fn from_client(error: &ErrorObject) -> Self {
        // The client's words, but not all of them.
        let message: String = error.message.chars().take(200).collect();
        Self::failed(format!("the client refused to answer: {message}"))
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for AskError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.carried.as_ref().map(|carried| carried as _)
    }
}
