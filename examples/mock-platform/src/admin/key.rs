//! The key of administrators.

use super::failure::Failure;
use crate::access::Digest;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
};
use mcp_tower::{
    Principal,
    auth::{ApiKeys, Identity, Token, TokenValidator},
};

/// Where a key may be sent, beside `Authorization: Bearer`.
const API_KEY: &str = "x-api-key";

/// Lets requests with the key of administrators through.
///
/// The key is always in a header and never in a cookie, so a page of another site cannot make a
/// browser send it: such a header needs a preflight, which is refused like everything without a key.
#[derive(Clone, Debug)]
pub(crate) struct AdminKey(ApiKeys);

impl AdminKey {
    /// Only a digest of the key is kept.
    pub(crate) fn new(key: &str) -> Self {
        let digits = Digest::of(key).to_string();
        let identity = Identity::new(Principal::new("api-keys", "administrator"));
        // Without keys, nobody gets in.
        Self(
            ApiKeys::new()
                .with_key(&digits, identity)
                .unwrap_or_default(),
        )
    }

    async fn identity(&self, headers: &HeaderMap) -> Option<Identity> {
        let key = presented(headers).filter(|key| !key.is_empty())?;
        self.0.validate(Token::new(key)).await.ok()
    }
}

/// For [`axum::middleware::from_fn_with_state`]: 401 without the key. It is taken out of the
/// request, so that nothing further in can log it.
pub(crate) async fn require(
    State(key): State<AdminKey>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(identity) = key.identity(request.headers()).await else {
        let refusal = Failure::new(
            StatusCode::UNAUTHORIZED,
            "the key of administrators is needed",
        );
        let mut response = refusal.into_response();
        let challenge = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        return response;
    };
    request.headers_mut().remove(AUTHORIZATION);
    request.headers_mut().remove(API_KEY);
    request
        .extensions_mut()
        .insert(identity.principal().clone());
    request.extensions_mut().insert(identity);
    next.run(request).await
}

/// `X-API-Key` is looked at where there is no bearer token.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.or_else(|| headers.get(API_KEY)?.to_str().ok())
}
