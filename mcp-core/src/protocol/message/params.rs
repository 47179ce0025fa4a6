//! What is read of `params` before a method is known.

use crate::protocol::{ByteStr, LogLevel, ProgressToken, RawJson};

/// A member that a peer may leave out or get wrong.
///
/// Whether either is an error depends on the method and the era, so parsing records and dispatch
/// decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known<T> {
    /// The member is not there.
    #[default]
    Absent,
    /// The member has another type than the specification says.
    Malformed,
    /// The member.
    Is(T),
}

impl<T> Known<T> {
    /// The value, when there is a good one.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Malformed => None,
        }
    }

    /// Whether the member is there, well-formed or not.
    pub fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

/// The members of `params` that dispatch looks at. Slices of the message; all else is skipped.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Params {
    /// Whether `params` is there and is something other than an object.
    pub malformed: bool,
    /// `_meta`.
    pub meta: RequestMeta,
    /// `name`, of `tools/call` and `prompts/get`.
    pub name: Known<ByteStr>,
    /// `uri`, of `resources/read` and the subscriptions.
    pub uri: Known<ByteStr>,
    /// `taskId`, of the tasks extension.
    pub task_id: Known<ByteStr>,
    /// `cursor`, of the lists. An empty string is a cursor like any other.
    pub cursor: Known<ByteStr>,
    /// `arguments`: an object.
    pub arguments: Known<RawJson>,
    /// The members of a later round, if there is one of them. Apart, since most requests have none.
    pub round: Option<Box<RoundParams>>,
    /// The members of an `initialize`, if there is one of them.
    pub handshake: Option<Box<HandshakeParams>>,
}

/// The members of `params` that a request has which answers questions (2026-07-28).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RoundParams {
    /// `inputResponses`: an object of answers to the questions of an earlier round.
    pub input_responses: Known<RawJson>,
    /// `requestState`: what an earlier round was answered with.
    pub request_state: Known<ByteStr>,
}

/// The members of `params` that an `initialize` has.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct HandshakeParams {
    /// The revision that the client would like.
    pub protocol_version: Known<ByteStr>,
    /// What the client can do: an object.
    pub capabilities: Known<RawJson>,
    /// Who the client says it is, whatever it says.
    pub client_info: Known<RawJson>,
}

/// The members of `params._meta` that the protocol defines for requests.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RequestMeta {
    /// Whether `_meta` is there and is something other than an object.
    pub malformed: bool,
    /// The revision that the request claims (2026-07-28).
    pub protocol_version: Known<ByteStr>,
    /// What the client can do: an object (2026-07-28).
    pub client_capabilities: Known<RawJson>,
    /// Who the client says it is: an object with `name` and `version` (2026-07-28).
    pub client_info: Known<RawJson>,
    /// The lowest level of log messages wanted (2026-07-28).
    pub log_level: Known<LogLevel>,
    /// Where to send progress.
    pub progress_token: Known<ProgressToken>,
    /// W3C trace context; malformed values are ignored.
    pub traceparent: Option<ByteStr>,
    /// W3C trace state.
    pub tracestate: Option<ByteStr>,
    /// W3C baggage.
    pub baggage: Option<ByteStr>,
}
