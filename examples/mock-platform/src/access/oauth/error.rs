//! How a token is refused.

use super::unknown;
use axum::{
    Json,
    extract::rejection::FormRejection,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use mcp_tower::core::NoRandomness;
use serde_json::json;

/// What is told of a form that is none.
pub(super) const UNREADABLE: &str = "the body must be a form without repeated parameters";

/// An error of OAuth (RFC 6749, section 5.2; RFC 8707, section 2): a code that programs know, and a
/// sentence for people. Neither repeats what was sent.
#[derive(Debug)]
pub(super) enum OAuthError {
    /// Nobody issues tokens here.
    Unknown,
    /// The request is for another host.
    Host,
    /// The request cannot be read.
    Request(&'static str),
    /// It has more than it may.
    TooLong,
    /// It does not come.
    TooSlow,
    /// The client is not who it says, or does not say.
    Client,
    Grant,
    Scope,
    Target,
    Server,
}

impl OAuthError {
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        let (code, description) = match self {
            Self::Unknown | Self::Server => ("server_error", "this is not your fault"),
            Self::Request(description) => ("invalid_request", *description),
            Self::Host => ("invalid_request", "this host is not served here"),
            Self::TooLong => ("invalid_request", "the form is too long"),
            Self::TooSlow => ("invalid_request", "the form took too long"),
            Self::Client => (
                "invalid_client",
                "the client is unknown, or its secret is wrong",
            ),
            Self::Grant => (
                "unsupported_grant_type",
                "`grant_type` must be client_credentials",
            ),
            Self::Scope => ("invalid_scope", "there are no scopes here: ask for none"),
            Self::Target => (
                "invalid_target",
                "every `resource` must be the URL of this server's endpoint",
            ),
        };
        let status = match self {
            Self::Client => StatusCode::UNAUTHORIZED,
            Self::Host => StatusCode::FORBIDDEN,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unknown | Self::Server => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        (status, code, description)
    }
}

impl From<FormRejection> for OAuthError {
    fn from(rejection: FormRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLong,
            _ => Self::Request(UNREADABLE),
        }
    }
}

impl From<NoRandomness> for OAuthError {
    fn from(error: NoRandomness) -> Self {
        tracing::error!(%error, "no token can be made");
        Self::Server
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        if matches!(self, Self::Unknown) {
            return unknown();
        }
        let (status, code, description) = self.parts();
        let body = Json(json!({"error": code, "error_description": description}));
        let mut response = (status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
        if matches!(self, Self::Client) {
            let challenge = HeaderValue::from_static(r#"Basic realm="oauth", charset="UTF-8""#);
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
