//! The JSON-RPC envelope, read in one pass over a shared body.

mod batch;
mod depth;
mod params;
mod parse;

pub use depth::strings_within;
pub use params::{HandshakeParams, Known, Params, RequestMeta, RoundParams};

use super::{ByteStr, ErrorObject, RawJson, RequestId};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// How deeply arrays and objects of a message may nest unless a mount says otherwise.
pub const DEFAULT_MAX_DEPTH: usize = 64;

/// One JSON-RPC message: the raw text beside a typed view of its envelope.
///
/// Parsing borrows: names, arguments and metadata are slices of the body. Cloning counts
/// references. Serialization yields the message as it came, unknown members included.
///
/// ```
/// use mcp_core::protocol::Message;
///
/// let body = br#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add"}}"#;
/// let Message::Request(request) = Message::parse(body.as_slice().into(), 64)? else {
///     unreachable!()
/// };
/// assert_eq!(request.method(), "tools/call");
/// # Ok::<(), mcp_core::protocol::ParseError>(())
/// ```
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all messages are requests; a box would cost each one"
)]
pub enum Message {
    /// It has a method; without an id it is a notification.
    Request(RequestMessage),
    /// It answers a request of this side.
    Response(ResponseMessage),
}

impl Message {
    /// Reads one message.
    ///
    /// The body is checked in full: UTF-8, JSON, at most `max_depth` levels, an object with
    /// `"jsonrpc":"2.0"`, no member of the envelope twice. Member names are matched exactly.
    ///
    /// # Errors
    /// A [`ParseError`] that keeps the id when it was readable.
    #[inline]
    pub fn parse(body: Bytes, max_depth: usize) -> Result<Self, ParseError> {
        parse::message(body, max_depth)
    }

    /// Whether a body is an array, if it is JSON at all: then it may be a
    /// [batch](Self::parse_batch), and is no message.
    pub fn is_batch(body: &[u8]) -> bool {
        batch::is_batch(body)
    }

    /// Reads a batch, which only [2025-03-26](super::Revision::has_batches) knows: one to
    /// `max_messages` messages, each with `max_depth` levels at most, each judged alone.
    ///
    /// # Errors
    /// When this is not JSON, or no array, or has no or too many elements.
    ///
    /// ```
    /// use mcp_core::protocol::Message;
    ///
    /// let body = br#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"id":2}]"#;
    /// let batch = Message::parse_batch(body, 64, 64)?;
    /// assert!(batch[0].is_ok());
    /// assert_eq!(batch[1].as_ref().unwrap_err().id(), Some(&2.into()));
    /// # Ok::<(), mcp_core::protocol::ParseError>(())
    /// ```
    pub fn parse_batch(
        body: &[u8],
        max_depth: usize,
        max_messages: usize,
    ) -> Result<Vec<Result<Self, ParseError>>, ParseError> {
        batch::parse(body, max_depth, max_messages)
    }
}

/// A request or, without an id, a notification.
#[derive(Clone, Debug)]
pub struct RequestMessage {
    raw: RawJson,
    id: Option<RequestId>,
    method: ByteStr,
    params: Params,
}

impl RequestMessage {
    /// The whole message as it came.
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// The id to answer with; none when nothing is owed.
    #[inline]
    pub fn id(&self) -> Option<&RequestId> {
        self.id.as_ref()
    }

    /// The method.
    #[inline]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What dispatch reads of the parameters.
    #[inline]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The raw `params` member, found by reading the message again.
    ///
    /// Only proxies, extensions and rare methods need it; calls use [`params`](Self::params).
    pub fn raw_params(&self) -> Option<RawJson> {
        parse::member(&self.raw, "params")
    }
}

impl Serialize for RequestMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RequestMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawJson::deserialize(deserializer)?;
        match Message::parse(raw.as_bytes().clone(), DEFAULT_MAX_DEPTH) {
            Ok(Message::Request(request)) => Ok(request),
            Ok(Message::Response(_)) => Err(de::Error::custom("a response, not a request")),
            Err(error) => Err(de::Error::custom(error)),
        }
    }
}

/// The answer to a request of this side.
#[derive(Clone, Debug)]
pub struct ResponseMessage {
    raw: RawJson,
    id: Option<RequestId>,
    outcome: Result<RawJson, RawJson>,
}

impl ResponseMessage {
    /// The whole message as it came.
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// The request's id; absent when the peer could not read it.
    #[inline]
    pub fn id(&self) -> Option<&RequestId> {
        self.id.as_ref()
    }

    /// The result, or the error object.
    ///
    /// # Errors
    /// The error object, as it came.
    pub fn outcome(&self) -> Result<&RawJson, &RawJson> {
        self.outcome.as_ref()
    }
}

/// Why a body is not a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    kind: ParseErrorKind,
    id: Option<RequestId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ParseErrorKind {
    NotUtf8,
    NotJson,
    TooDeep,
    Batch,
    Invalid(&'static str),
}

impl ParseError {
    fn new(kind: ParseErrorKind) -> Self {
        Self { kind, id: None }
    }

    /// The id of the offending message, when it was readable and valid.
    #[inline]
    pub fn id(&self) -> Option<&RequestId> {
        self.id.as_ref()
    }

    /// The JSON-RPC error: −32700 for what is not JSON, −32600 for what is not JSON-RPC.
    pub fn to_error(&self) -> ErrorObject {
        use super::ErrorCode;
        let code = match self.kind {
            ParseErrorKind::NotUtf8 | ParseErrorKind::NotJson => ErrorCode::PARSE_ERROR,
            ParseErrorKind::TooDeep | ParseErrorKind::Batch | ParseErrorKind::Invalid(_) => {
                ErrorCode::INVALID_REQUEST
            }
        };
        ErrorObject::new(code, self.message())
    }

    fn message(&self) -> &'static str {
        match self.kind {
            ParseErrorKind::NotUtf8 => "the body is not UTF-8",
            ParseErrorKind::NotJson => "the body is not JSON",
            ParseErrorKind::TooDeep => "the body nests too deeply",
            ParseErrorKind::Batch => "a batch is not a message of this revision",
            ParseErrorKind::Invalid(reason) => reason,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for ParseError {}
