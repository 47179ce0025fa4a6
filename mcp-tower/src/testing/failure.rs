//! What went wrong, and what to do about it.

use http::StatusCode;
use mcp_core::protocol::ErrorCode;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    kind: Kind,
    message: String,
    status: StatusCode,
    data: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A result that says so, for the model.
    Tool,
    /// A JSON-RPC error.
    Protocol(ErrorCode),
    /// A response that is none of MCP.
    Http,
    /// No answer at all.
    Silence,
}

impl Failure {
    /// A tool has answered that it failed.
    pub(super) fn tool(message: String) -> Self {
        Self::of(Kind::Tool, message, StatusCode::OK)
    }

    /// A response that holds no JSON-RPC message.
    pub(super) fn http(status: StatusCode, text: &str) -> Self {
        Self::of(Kind::Http, text.to_owned(), status)
    }

    /// No answer came.
    pub(super) fn silence(why: impl Into<String>, status: StatusCode) -> Self {
        Self::of(Kind::Silence, why.into(), status)
    }

    /// The `error` member of a message.
    pub(super) fn protocol(error: &Value, status: StatusCode) -> Self {
        let code = ErrorCode(error["code"].as_i64().unwrap_or_default());
        let message = error["message"].as_str().unwrap_or_default();
        Self {
            data: error.get("data").cloned(),
            ..Self::of(Kind::Protocol(code), message.to_owned(), status)
        }
    }

    fn of(kind: Kind, message: String, status: StatusCode) -> Self {
        Self {
            kind,
            message,
            status,
            data: None,
        }
    }

    /// What was said: the text of the tool, the message of the error, the body of the response.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The code of the JSON-RPC error; none when a tool or something in front of MCP has failed.
    pub fn code(&self) -> Option<ErrorCode> {
        match self.kind {
            Kind::Protocol(code) => Some(code),
            Kind::Tool | Kind::Http | Kind::Silence => None,
        }
    }

    /// Whether it is the result of a tool, with `isError`, so that the model sees it.
    pub fn is_for_the_model(&self) -> bool {
        self.kind == Kind::Tool
    }

    /// The status of the HTTP response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The `data` of the JSON-RPC error; none when there is none, or it is no `T`.
    pub fn data<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(self.data.clone()?).ok()
    }

    /// All of it, and what to do about it.
    pub(super) fn report(&self) -> String {
        match self.hint() {
            Some(hint) => format!("{self}\nhint: {hint}"),
            None => self.to_string(),
        }
    }

    fn hint(&self) -> Option<&'static str> {
        Some(match (self.kind, self.status) {
            (Kind::Protocol(ErrorCode::MISSING_CLIENT_CAPABILITY), _) => {
                "the client declares what it has answers for: `.on_elicitation(..)`, \
                 `.on_sampling(..)`, `.roots(..)`, `.answers(..)`"
            }
            (_, StatusCode::UNAUTHORIZED) => {
                "say who calls: `.principal(..)` where the application does, \
                 `.header(\"authorization\", ..)` where the endpoint reads tokens"
            }
            (_, StatusCode::FORBIDDEN) => {
                "the caller may need scopes: `.extension(Scopes::parse(..)?)`; or `Host` or \
                 `Origin` is not allowed: `.header(\"host\", ..)`"
            }
            (Kind::Http, StatusCode::NOT_FOUND) => {
                "the endpoint is elsewhere: `.path(..)` says where"
            }
            (_, StatusCode::NOT_ACCEPTABLE) => {
                "`Accept::Json` and `Accept::Events` need `McpService::accept` with `AcceptPolicy::Either`"
            }
            (Kind::Protocol(_), StatusCode::NOT_FOUND) if self.message.contains("session") => {
                "replicas of a server need the same keys: `ServerBuilder::keys`"
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, message) = (self.status, &self.message);
        match self.kind {
            Kind::Tool => write!(f, "the tool has failed: {message}"),
            Kind::Protocol(code) => write!(f, "error {}: {message} (HTTP {status})", code.0),
            Kind::Http => write!(f, "HTTP {status}, which holds no message: {message}"),
            Kind::Silence => write!(f, "no answer: {message}"),
        }
    }
}

impl std::error::Error for Failure {}
