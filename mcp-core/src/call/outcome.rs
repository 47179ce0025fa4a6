//! What became of a request.

use crate::{
    protocol::ErrorCode,
    refusal::{Refusal, RefusalKind},
    response::{Payload, Response},
};

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It has a result.
    Ok,
    /// Its client has to answer questions first (2026-07-28).
    InputRequired,
    /// The tool says that it failed; bad arguments, unexpected errors and panics of a tool, too.
    ToolError,
    /// It was not let through.
    Refused(RefusalKind),
    /// It was answered with a JSON-RPC error.
    Error(ErrorCode),
    /// The server is at fault, or a layer is.
    Internal,
    /// It took longer than it may.
    TimedOut,
    /// Nobody waits for it any more.
    Cancelled,
}

impl Outcome {
    /// A name that does not change: the `outcome` of spans and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::InputRequired => "input_required",
            Self::ToolError => "tool_error",
            Self::Refused(RefusalKind::InsufficientScope) => "insufficient_scope",
            Self::Refused(RefusalKind::RateLimited) => "rate_limited",
            Self::Refused(RefusalKind::Overloaded) => "overloaded",
            Self::Refused(_) => "unauthorized",
            Self::Error(_) => "error",
            Self::Internal => "internal",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn of(response: &Response) -> Self {
        match response.outcome() {
            Ok(Payload::Tool(result)) if result.is_error => Self::ToolError,
            Ok(Payload::InputRequired(_)) => Self::InputRequired,
            Ok(_) => Self::Ok,
            Err(refusal) => Self::of_refusal(refusal),
        }
    }

    fn of_refusal(refusal: &Refusal) -> Self {
        match refusal.kind() {
            RefusalKind::Envelope | RefusalKind::Method | RefusalKind::Answer => {
                Self::Error(refusal.error().code)
            }
            RefusalKind::Internal => Self::Internal,
            RefusalKind::TimedOut => Self::TimedOut,
            kind => Self::Refused(kind),
        }
    }
}
