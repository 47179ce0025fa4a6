//! Revocation (RFC 7009): a client that forgets a token ends what it came from.

use super::{Issuer, error::OAuthError, manners};
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::Response,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Revocation {
    token: Option<String>,
    client_id: Option<String>,
}

/// What names the grant in an access token.
#[derive(Deserialize)]
struct Claims {
    grant: String,
}

/// Answers 200 for tokens that nobody knows, too (§2.2).
pub(super) async fn revoke(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    form: Result<Form<Revocation>, FormRejection>,
) -> Result<Response, OAuthError> {
    let malformed = "the body must be a form with `token`";
    let Form(form) = form.map_err(|_| OAuthError::request(malformed))?;
    let token = form.token.ok_or_else(|| OAuthError::request(malformed))?;
    let client = issuer
        .authenticate(&headers, form.client_id.as_deref())
        .await?;
    if let Some(grant) = grant_of(&token) {
        issuer.0.grants.end_of(&grant, &client.id, issuer.now());
    }
    Ok(manners::unstored(StatusCode::OK))
}

/// The grant that a token names. Its signature is not looked at: names of grants are secrets
/// themselves, and only the client of a grant can end it.
pub(crate) fn grant_of(token: &str) -> Option<String> {
    let parts: Vec<_> = token.splitn(4, '.').collect();
    match parts[..] {
        [grant, _] => Some(grant.to_owned()),
        [_, claims, _] => {
            let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
            Some(serde_json::from_slice::<Claims>(&claims).ok()?.grant)
        }
        _ => None,
    }
}
