//! Tokens for the credentials of a client: RFC 6749, section 4.4, one issuer for each server.

mod client;
mod endpoint;
mod error;
mod metadata;
mod tokens;

pub use endpoint::{FORM_TIME, MAX_FORM_BYTES};
pub use tokens::MAX_TOKENS;

pub(super) use tokens::Tokens;

use super::PublicUrl;
use crate::{platform::Platform, serving};
use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    response::Response,
    routing::{get, post},
};
use std::time::Duration;

/// The longest that a token is good: a hundred years, so that there is a moment at which it ends.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

/// What issues tokens.
#[derive(Clone, Debug)]
struct Issuer {
    platform: Platform,
    public_url: PublicUrl,
    token_time: Duration,
}

/// Where tokens are issued, and where clients read about it.
pub(crate) fn routes(platform: Platform, public_url: PublicUrl, token_time: Duration) -> Router {
    Router::new()
        .route("/api/platform/{id}/oauth/token", post(endpoint::token))
        .route(
            "/.well-known/oauth-authorization-server/api/platform/{id}",
            get(metadata::document).options(metadata::preflight),
        )
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .with_state(Issuer {
            platform,
            public_url,
            token_time: token_time.min(LONGEST),
        })
}

/// What is answered where a server is not there, is not published, or issues no tokens.
fn unknown() -> Response {
    serving::unknown().map(Body::from)
}
