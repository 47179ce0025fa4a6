//! How the issuer says no.

use super::manners;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use mcp_tower::core::NoRandomness;
use ring::error::Unspecified;
use serde_json::json;
use std::borrow::Cow;

/// An error of OAuth: a code that programs know, and a sentence for people. Neither repeats what
/// was sent.
#[derive(Debug)]
pub(super) struct OAuthError {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) description: Cow<'static, str>,
}

impl OAuthError {
    pub(super) fn new(code: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            description: description.into(),
        }
    }

    pub(super) fn request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    pub(super) fn grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(super) fn scope() -> Self {
        Self::new("invalid_scope", "none of these scopes can be granted")
    }

    pub(super) fn target() -> Self {
        Self::new(
            "invalid_target",
            "`resource` must be the URI of one protected resource of this issuer",
        )
    }

    /// The client is not who it says.
    pub(super) fn client() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::new(
                "invalid_client",
                "the client is unknown, or its secret is wrong",
            )
        }
    }

    /// There is no room to remember more.
    pub(super) fn full() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Self::new("temporarily_unavailable", "try again later")
        }
    }

    fn server() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..Self::new("server_error", "this is not your fault")
        }
    }
}

impl From<super::rows::Full> for OAuthError {
    fn from(_: super::rows::Full) -> Self {
        Self::full()
    }
}

impl From<NoRandomness> for OAuthError {
    fn from(error: NoRandomness) -> Self {
        tracing::error!(%error, "the issuer cannot make secrets");
        Self::server()
    }
}

impl From<Unspecified> for OAuthError {
    fn from(_: Unspecified) -> Self {
        tracing::error!("the issuer cannot sign");
        Self::server()
    }
}

impl From<serde_json::Error> for OAuthError {
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(%error, "the issuer cannot write a token");
        Self::server()
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({"error": self.code, "error_description": self.description});
        let mut response = manners::unstored((self.status, Json(body)));
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"issuer\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}
