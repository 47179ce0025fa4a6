//! What the scenarios need of a client. Results have been through the client's own types.

use crate::case::{Case, Peer};
use serde_json::Value;

/// Why something did not work.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server refused, with this JSON-RPC code.
    Refused(i64, String),
    /// Anything else.
    Other(String),
}

pub(crate) type Outcome<T> = Result<T, Fault>;

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(code, text) => write!(f, "{code}: {text}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<String> for Fault {
    fn from(text: String) -> Self {
        Self::Other(text)
    }
}

impl From<&str> for Fault {
    fn from(text: &str) -> Self {
        Self::Other(text.to_owned())
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// What a list is of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum List {
    Tools,
    Resources,
    Templates,
    Prompts,
}

#[allow(async_fn_in_trait, reason = "a program, on one thread")]
pub(crate) trait Session: Sized {
    const NAME: &str;

    /// Connects in the case's era: with a handshake, or by asking what the server is.
    async fn open(case: &Case, peer: Peer) -> Outcome<Self>;
    /// What was agreed.
    async fn revision(&self) -> String;
    /// `serverInfo` and `capabilities`.
    async fn offered(&self) -> Outcome<Value>;
    async fn list(&self, list: List) -> Outcome<Value>;
    /// A `CallToolResult`; all questions have been answered by the peer. Dropping the future cancels.
    async fn call(&self, tool: &str, arguments: Value) -> Outcome<Value>;
    /// The same, where the request itself asks for logs.
    async fn call_with_logs(&self, tool: &str) -> Outcome<Value>;
    async fn read(&self, uri: &str) -> Outcome<Value>;
    async fn prompt(&self, name: &str, arguments: Value) -> Outcome<Value>;
    async fn complete(&self, prompt: &str, argument: &str, value: &str) -> Outcome<Value>;
    async fn log_level(&self, level: &str) -> Outcome<()>;
    async fn subscribe(&self, uri: &str) -> Outcome<()>;
    async fn unsubscribe(&self, uri: &str) -> Outcome<()>;
    /// Listens for what this filter says until the session is closed, once it is acknowledged.
    async fn listen(&self, filter: Value) -> Outcome<()>;
    async fn close(self);
}
