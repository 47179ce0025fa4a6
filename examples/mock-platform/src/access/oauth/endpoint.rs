//! The token endpoint of a server.

use super::{Issuer, client::Claim, error::OAuthError};
use crate::access::AccessRules;
use axum::{
    Form, Json,
    extract::{Path, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// The longest form in bytes.
pub const MAX_FORM_BYTES: usize = 16 * 1024;

/// What a client sends. A repeated parameter is an error of reading (RFC 6749, section 3.2).
#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    scope: Option<String>,
    resource: Option<String>,
}

#[derive(Serialize)]
struct Granted {
    access_token: String,
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
}

pub(super) async fn token(
    State(issuer): State<Issuer>,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Response, OAuthError> {
    let rules = issuer.platform.access_rules(&id);
    let issued = rules.as_ref().and_then(AccessRules::issued);
    let issued = issued.ok_or(OAuthError::Unknown)?;
    let Form(form) = form?;
    let form = form.without_nothing();
    let claim = Claim::read(&headers, &form)?;
    let client = issued.client.check(&claim.id, &claim.secret).await;
    client.map_err(|_| OAuthError::Client)?;
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(OAuthError::Grant),
        None => return Err(OAuthError::Request("`grant_type` is missing")),
    }
    if form.scope.is_some() {
        return Err(OAuthError::Scope);
    }
    let endpoint = issuer.public_url.endpoint(&id);
    if form.resource.is_some_and(|resource| resource != endpoint) {
        return Err(OAuthError::Target);
    }
    let granted = Granted {
        access_token: issued.tokens.issue(Instant::now(), issuer.token_time)?,
        token_type: "Bearer",
        expires_in: issuer.token_time.as_secs(),
    };
    let unstored = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    Ok((unstored, Json(granted)).into_response())
}

impl TokenRequest {
    /// A parameter without a value is one that was left out (RFC 6749, section 3.2).
    fn without_nothing(self) -> Self {
        let some = |value: Option<String>| value.filter(|value| !value.is_empty());
        Self {
            grant_type: some(self.grant_type),
            client_id: some(self.client_id),
            client_secret: some(self.client_secret),
            scope: some(self.scope),
            resource: some(self.resource),
        }
    }
}
