//! The one type for "no": what went wrong, for every transport at once.

use crate::{
    protocol::{Capability, ErrorCode, ErrorObject},
    scopes::Scopes,
};
use http::{HeaderValue, StatusCode};
use std::{borrow::Cow, fmt, time::Duration};

/// A request that is not served: a JSON-RPC error with everything HTTP needs beside it.
///
/// Only a mount turns a refusal into an HTTP response; stdio writes its error object. The status
/// belongs to the place where the refusal arose and is never derived from the JSON-RPC code.
///
/// ```
/// use mcp_core::Refusal;
/// use std::time::Duration;
///
/// let refusal = Refusal::overloaded().with_retry_after(Duration::from_secs(2));
/// assert_eq!(refusal.status(), 503);
/// ```
#[derive(Clone, Debug)]
pub struct Refusal(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: RefusalKind,
    status: StatusCode,
    error: ErrorObject,
    retry_after: Option<Duration>,
    challenge: Option<HeaderValue>,
}

/// Where a refusal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalKind {
    /// The message itself is bad: not JSON, not JSON-RPC, headers that contradict it.
    Envelope,
    /// The method is unknown to the revision or not offered.
    Method,
    /// The message was accepted and its answer is an error.
    Answer,
    /// Who calls is not known, or not enough is allowed.
    Authorization,
    /// The caller lacks scopes that the operation needs, and may ask for them.
    InsufficientScope,
    /// The caller calls too often.
    RateLimited,
    /// The server has too much to do.
    Overloaded,
    /// The call took longer than it may.
    TimedOut,
    /// The server failed.
    Internal,
}

impl Refusal {
    /// A refusal of the given kind, with the status that modern clients see.
    pub fn new(kind: RefusalKind, status: StatusCode, error: ErrorObject) -> Self {
        Self(Box::new(Inner {
            kind,
            status,
            error,
            retry_after: None,
            challenge: None,
        }))
    }

    /// The message is bad: 400.
    pub fn envelope(error: ErrorObject) -> Self {
        Self::new(RefusalKind::Envelope, StatusCode::BAD_REQUEST, error)
    }

    /// The method is not offered: 404 for modern clients.
    pub fn method_not_found(method: &str) -> Self {
        let error = ErrorObject::method_not_found(method);
        Self::new(RefusalKind::Method, StatusCode::NOT_FOUND, error)
    }

    /// An ordinary JSON-RPC error: 200.
    pub fn answer(error: ErrorObject) -> Self {
        Self::new(RefusalKind::Answer, StatusCode::OK, error)
    }

    /// A client capability is missing: 400 with −32021.
    pub fn missing_capability(missing: &[Capability]) -> Self {
        Self::envelope(ErrorObject::missing_capability(missing))
    }

    /// The caller may not do this: 403.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            RefusalKind::Authorization,
            StatusCode::FORBIDDEN,
            ErrorObject::invalid_request(message),
        )
    }

    /// The caller was not granted everything that an operation needs: 403, with a challenge that
    /// names all of it (RFC 6750 §3.1), so that a client can ask for it at once.
    pub fn insufficient_scope(needed: &Scopes) -> Self {
        let message = format!("the caller needs these scopes: {needed}");
        let refusal = Self::forbidden(message).with_kind(RefusalKind::InsufficientScope);
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"");
        // Scopes are visible ASCII without quotes: they always fit a header.
        match HeaderValue::try_from(challenge) {
            Ok(challenge) => refusal.with_challenge(challenge),
            Err(_) => refusal,
        }
    }

    /// Too many calls: 429.
    pub fn rate_limited() -> Self {
        Self::new(
            RefusalKind::RateLimited,
            StatusCode::TOO_MANY_REQUESTS,
            ErrorObject::new(ErrorCode::INTERNAL_ERROR, "too many requests"),
        )
    }

    /// Too much to do: 503.
    pub fn overloaded() -> Self {
        Self::new(
            RefusalKind::Overloaded,
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorObject::new(ErrorCode::INTERNAL_ERROR, "the server is overloaded"),
        )
    }

    /// The server is going away: 503, with a word on when to try again. Another one may be there
    /// already.
    pub fn shutting_down() -> Self {
        Self::new(
            RefusalKind::Overloaded,
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorObject::new(ErrorCode::INTERNAL_ERROR, "the server is shutting down"),
        )
        .with_retry_after(Duration::from_secs(2))
    }

    /// A fault of the server, told as −32603 with a reference into the log and nothing else.
    pub fn internal(reference: crate::error::Reference) -> Self {
        let message = format!("internal error (reference {reference})");
        Self::answer(ErrorObject::new(ErrorCode::INTERNAL_ERROR, message))
            .with_kind(RefusalKind::Internal)
    }

    /// The call took longer than it may: −32603 that says so.
    pub fn timed_out(after: Option<Duration>) -> Self {
        let message = match after {
            Some(after) => format!("timed out after {} s", after.as_secs_f64()).into(),
            None => Cow::Borrowed("timed out"),
        };
        Self::answer(ErrorObject::new(ErrorCode::INTERNAL_ERROR, message))
            .with_kind(RefusalKind::TimedOut)
    }

    fn with_kind(mut self, kind: RefusalKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says when to try again; whole seconds are sent.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.0.retry_after = Some(after);
        self
    }

    /// Adds a `WWW-Authenticate` challenge.
    #[must_use]
    pub fn with_challenge(mut self, challenge: HeaderValue) -> Self {
        self.0.challenge = Some(challenge);
        self
    }

    /// Where it comes from.
    pub fn kind(&self) -> RefusalKind {
        self.0.kind
    }

    /// The HTTP status for a modern client.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The JSON-RPC error.
    pub fn error(&self) -> &ErrorObject {
        &self.0.error
    }

    /// When to try again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The `WWW-Authenticate` challenge.
    pub fn challenge(&self) -> Option<&HeaderValue> {
        self.0.challenge.as_ref()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl std::error::Error for Refusal {}
