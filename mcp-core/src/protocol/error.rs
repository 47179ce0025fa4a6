//! JSON-RPC errors.

use super::{Capability, RawJson};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// The code of a JSON-RPC error.
///
/// Historic SDK codes (−32000 to −32019) are never emitted; of the range reserved for the
/// specification (−32020 to −32099) only the three defined ones are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCode(pub i64);

impl ErrorCode {
    /// The body is not JSON.
    pub const PARSE_ERROR: Self = Self(-32700);
    /// The body is JSON but not a JSON-RPC message.
    pub const INVALID_REQUEST: Self = Self(-32600);
    /// The method is unknown, removed, or its capability is not offered.
    pub const METHOD_NOT_FOUND: Self = Self(-32601);
    /// Malformed parameters, an unknown tool or prompt, a bad cursor, a missing resource.
    pub const INVALID_PARAMS: Self = Self(-32602);
    /// A fault of the server.
    pub const INTERNAL_ERROR: Self = Self(-32603);
    /// A missing resource, up to 2025-11-25; later revisions use [`INVALID_PARAMS`](Self::INVALID_PARAMS).
    pub const RESOURCE_NOT_FOUND: Self = Self(-32002);
    /// A header contradicts the body (2026-07-28).
    pub const HEADER_MISMATCH: Self = Self(-32020);
    /// The request needs a client capability that was not declared (2026-07-28).
    pub const MISSING_CLIENT_CAPABILITY: Self = Self(-32021);
    /// The claimed version is not served (2026-07-28).
    pub const UNSUPPORTED_VERSION: Self = Self(-32022);
}

/// The `error` member of a JSON-RPC response.
///
/// Not a `std::error::Error`, so that `?` in a handler answers with it as it is instead of taking
/// it for an internal error.
///
/// ```
/// use mcp_core::protocol::{ErrorCode, ErrorObject};
///
/// let error = ErrorObject::new(ErrorCode::INVALID_PARAMS, "unknown cursor");
/// assert_eq!(
///     serde_json::to_string(&error)?,
///     r#"{"code":-32602,"message":"unknown cursor"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorObject {
    /// What kind of error.
    pub code: ErrorCode,
    /// One sentence for people.
    pub message: Cow<'static, str>,
    /// Details for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<RawJson>,
}

impl ErrorObject {
    /// An error without data.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    /// Adds data; a value that cannot be serialized adds none.
    #[must_use]
    pub fn with_data<T: Serialize>(mut self, data: &T) -> Self {
        self.data = RawJson::from_serialize(data).ok();
        self
    }

    /// −32602.
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::INVALID_PARAMS, message)
    }

    /// −32600.
    pub fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::INVALID_REQUEST, message)
    }

    /// −32601. The method's name is the peer's own and is repeated.
    pub fn method_not_found(method: &str) -> Self {
        Self::new(
            ErrorCode::METHOD_NOT_FOUND,
            format!("method not found: {method}"),
        )
    }

    /// A resource that does not exist, in the newest revision's form; older revisions are sent
    /// [`RESOURCE_NOT_FOUND`](ErrorCode::RESOURCE_NOT_FOUND).
    pub fn resource_not_found(uri: &str) -> Self {
        #[derive(Serialize)]
        struct Data<'a> {
            uri: &'a str,
        }
        Self::new(ErrorCode::RESOURCE_NOT_FOUND, "Resource not found").with_data(&Data { uri })
    }

    /// −32021, naming what the client would have to declare.
    pub fn missing_capability(missing: &[Capability]) -> Self {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            required_capabilities: serde_json::Map<String, serde_json::Value>,
        }
        Self::new(
            ErrorCode::MISSING_CLIENT_CAPABILITY,
            "the request needs a client capability that it does not declare",
        )
        .with_data(&Data {
            required_capabilities: Capability::object(missing),
        })
    }
}

impl fmt::Display for ErrorObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code.0)
    }
}
