//! The seam between the client and whatever carries its messages.

use super::{config::Config, transcript::Transcript};
use http::{HeaderMap, StatusCode};
use mcp_core::{BoxFuture, protocol::Revision};
use serde_json::Value;

/// Carries messages to a server, and what it says back.
pub(super) trait Transport: Send + Sync + 'static {
    /// Sends something, and waits for the head of what comes back.
    ///
    /// # Errors
    /// What went wrong, for people, when nothing comes back.
    fn send<'a>(&'a self, sending: Sending<'a>) -> BoxFuture<'a, Result<Arrived, String>>;
}

/// Something to send, and what has to be known to send it.
pub(super) struct Sending<'a> {
    pub(super) what: Outgoing<'a>,
    pub(super) config: &'a Config,
    pub(super) transcript: &'a Transcript,
    /// What was agreed on in the handshake.
    pub(super) session: Option<&'a SessionInfo>,
    /// Headers of this message alone.
    pub(super) headers: &'a HeaderMap,
}

/// What a client can do.
#[derive(Clone, Copy)]
pub(super) enum Outgoing<'a> {
    /// Send a message.
    Message(&'a Value),
    /// Open the stream of everything that belongs to no request, or go on with one that was cut.
    Stream { last: Option<&'a str> },
    /// End the session.
    End,
}

/// A session that a handshake has opened.
#[derive(Clone, Debug)]
pub(super) struct SessionInfo {
    /// None where a server has no sessions.
    pub(super) id: Option<String>,
    pub(super) revision: Revision,
}

/// What came back.
pub(super) struct Arrived {
    /// Names the exchange in the transcript.
    pub(super) number: usize,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) messages: Box<dyn Messages>,
}

/// The messages that come back, one after the other.
pub(super) trait Messages: Send {
    /// The next one; `None` at the end. Dropping the future loses nothing.
    fn next(&mut self) -> BoxFuture<'_, Option<Arriving>>;
}

/// One thing that came back.
#[derive(Debug)]
pub(super) struct Arriving {
    /// The name of the event, where streams have them.
    pub(super) event: Option<String>,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A message.
    Message(Value),
    /// What is no message: the page of a proxy, the text of a framework.
    Text(String),
    /// An event without data.
    Nothing,
    /// The connection broke.
    Broken(String),
}
