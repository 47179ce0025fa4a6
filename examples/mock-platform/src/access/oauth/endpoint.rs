//! The token endpoint of a server.

use super::{
    Issuer,
    client::Claim,
    error::{OAuthError, UNREADABLE},
};
use crate::access::AccessRules;
use axum::{
    Form, Json,
    extract::{FromRequest, Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::header;
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// The longest form in bytes.
pub const MAX_FORM_BYTES: usize = 16 * 1024;

/// How long a client may take to send its form.
pub const FORM_TIME: Duration = Duration::from_secs(30);

/// What a client sends.
#[derive(Default)]
pub(super) struct TokenRequest {
    grant_type: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    scope: Option<String>,
    /// There may be several (RFC 8707, section 2).
    resources: Vec<String>,
}

#[derive(Serialize)]
struct Granted {
    access_token: String,
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
}

/// What can be known without the form is asked first: nobody waits for the body of a stranger.
pub(super) async fn token(
    State(issuer): State<Issuer>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, OAuthError> {
    let Path(id) = path.map_err(|_| OAuthError::Unknown)?;
    if !issuer
        .public_url
        .is_host_of(request.uri(), request.headers())
    {
        return Err(OAuthError::Host);
    }
    let rules = issuer.platform.access_rules(&id);
    let issued = rules.as_ref().and_then(AccessRules::issued);
    let issued = issued.ok_or(OAuthError::Unknown)?;
    let headers = request.headers().clone();
    let form = timeout(FORM_TIME, Form::from_request(request, &())).await;
    let Form(form) = form.map_err(|_| OAuthError::TooSlow)??;
    let form = TokenRequest::read(form)?;
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
    if form.resources.iter().any(|resource| *resource != endpoint) {
        return Err(OAuthError::Target);
    }
    let granted = Granted {
        access_token: issued.tokens.issue(Instant::now(), issuer.token_time)?,
        token_type: "Bearer",
        expires_in: issuer.token_time.as_secs().max(1),
    };
    let unstored = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    Ok((unstored, Json(granted)).into_response())
}

impl TokenRequest {
    /// No parameter is there twice but `resource`, and one without a value is one that was left out
    /// (RFC 6749, section 3.2). Unknown ones are nothing.
    fn read(form: Vec<(String, String)>) -> Result<Self, OAuthError> {
        let mut read = Self::default();
        for (name, value) in form {
            let member = match name.as_str() {
                "grant_type" => &mut read.grant_type,
                "client_id" => &mut read.client_id,
                "client_secret" => &mut read.client_secret,
                "scope" => &mut read.scope,
                "resource" => {
                    read.resources.push(value);
                    continue;
                }
                _ => continue,
            };
            if member.replace(value).is_some() {
                return Err(OAuthError::Request(UNREADABLE));
            }
        }
        let some = |value: Option<String>| value.filter(|value| !value.is_empty());
        read.resources.retain(|resource| !resource.is_empty());
        Ok(Self {
            grant_type: some(read.grant_type),
            client_id: some(read.client_id),
            client_secret: some(read.client_secret),
            scope: some(read.scope),
            resources: read.resources,
        })
    }
}
