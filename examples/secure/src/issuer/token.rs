//! The token endpoint: codes, refresh tokens and a service's own name become access tokens.

use super::{
    Issuer,
    authorize::Code,
    clients::Client,
    error::OAuthError,
    grants::{Grant, name_grant},
    manners,
    secret::{Digest, name},
};
use axum::{
    Form, Json,
    extract::{State, rejection::FormRejection},
    response::Response,
};
use http::HeaderMap;
use mcp_tower::core::Scopes;
use serde::{Deserialize, Serialize};

/// What a client sends. A repeated parameter is an error of reading (RFC 6749 §3.2).
#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    code: Option<String>,
    code_verifier: Option<String>,
    redirect_uri: Option<String>,
    refresh_token: Option<String>,
    resource: Option<String>,
    scope: Option<String>,
}

#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    scope: &'a Scopes,
    iat: u64,
    exp: u64,
    jti: String,
    /// The agreement it came from; when that ends, so does the token.
    grant: &'a str,
}

pub(super) async fn token(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Response, OAuthError> {
    let malformed = "the body must be a form without repeated parameters";
    let Form(form) = form.map_err(|_| OAuthError::request(malformed))?;
    let client = issuer
        .authenticate(&headers, form.client_id.as_deref())
        .await?;
    let tokens = match form.grant_type.as_deref() {
        Some("authorization_code") => issuer.redeem(&client, &form)?,
        Some("refresh_token") => issuer.refresh(&client, &form)?,
        Some("client_credentials") => issuer.serve(&client, &form)?,
        _ => {
            let message = "`grant_type` must be authorization_code, refresh_token or \
                           client_credentials";
            return Err(OAuthError::new("unsupported_grant_type", message));
        }
    };
    Ok(manners::unstored(Json(tokens)))
}

impl Issuer {
    /// A code becomes a grant, once. Whoever presents it again is not whom it was made for, or
    /// was not the first: what came from it ends (RFC 6749 §4.1.2).
    fn redeem(&self, client: &Client, form: &TokenRequest) -> Result<Tokens, OAuthError> {
        let refused = || OAuthError::grant("the code is not good, or no longer");
        let now = self.now();
        let id = Digest::of(form.code.as_deref().unwrap_or_default()).to_challenge();
        let first = self.0.codes.with(&id, now, |code| {
            let matches = code.is_for(client, form);
            let first = !std::mem::replace(&mut code.redeemed, true);
            (first, matches, code.grant.clone())
        });
        let (first, matches, grant) = first.ok_or_else(refused)?;
        if !first {
            tracing::warn!(
                client = &*client.id,
                "a code was used twice; its grant ends"
            );
            self.0.grants.end(&grant.id, now);
            return Err(refused());
        }
        if !matches {
            return Err(refused());
        }
        if self.resource(form.resource.as_deref())? != grant.resource {
            return Err(OAuthError::target());
        }
        self.open(&grant, client.may_refresh)
    }

    fn open(&self, grant: &Grant, may_refresh: bool) -> Result<Tokens, OAuthError> {
        let time = self.0.token_time;
        let token = self
            .0
            .grants
            .open(grant.clone(), may_refresh, self.now(), time)?;
        self.tokens(grant, grant.scopes.clone(), token)
    }

    fn refresh(&self, client: &Client, form: &TokenRequest) -> Result<Tokens, OAuthError> {
        let sent = form.refresh_token.as_deref().unwrap_or_default();
        let granted = |grant: &Grant| {
            // Left out, it is the one that was granted; there is no other.
            let resource = form.resource.as_deref();
            if resource.is_some_and(|uri| uri != &*grant.resource) {
                return Err(OAuthError::target());
            }
            let Some(asked) = &form.scope else {
                return Ok(grant.scopes.clone());
            };
            let asked = Scopes::parse(asked).ok();
            let asked = asked.filter(|asked| !asked.is_empty());
            asked
                .filter(|asked| grant.scopes.contains_all(asked))
                .ok_or_else(OAuthError::scope)
        };
        let grants = &self.0.grants;
        let (scopes, grant, token) = grants.refresh(sent, &client.id, self.now(), granted)?;
        self.tokens(&grant, scopes, Some(token))
    }

    /// A service acts in its own name.
    fn serve(&self, client: &Client, form: &TokenRequest) -> Result<Tokens, OAuthError> {
        let Some(own) = &client.service else {
            let message = "this client has nobody's name to act in";
            return Err(OAuthError::new("unauthorized_client", message));
        };
        let asked = match &form.scope {
            None => own.clone(),
            Some(asked) => Scopes::parse(asked).map_err(|_| OAuthError::scope())?,
        };
        let scopes: Scopes = asked.iter().filter(|scope| own.contains(scope)).collect();
        if scopes.is_empty() {
            return Err(OAuthError::scope());
        }
        let grant = Grant {
            id: name_grant()?,
            client: client.id.clone(),
            // No user has such a name.
            subject: format!("service:{}", client.id).into(),
            scopes,
            resource: self.resource(form.resource.as_deref())?,
        };
        self.open(&grant, false)
    }

    fn tokens(
        &self,
        grant: &Grant,
        scope: Scopes,
        refresh_token: Option<String>,
    ) -> Result<Tokens, OAuthError> {
        let now = self.now();
        let claims = Claims {
            iss: self.url(),
            sub: &grant.subject,
            aud: &grant.resource,
            client_id: &grant.client,
            scope: &scope,
            iat: now,
            exp: now + self.0.token_time,
            jti: name()?,
            grant: &grant.id,
        };
        Ok(Tokens {
            access_token: self.0.keys.sign(now, &claims)?,
            token_type: "Bearer",
            expires_in: self.0.token_time,
            scope,
            refresh_token,
        })
    }
}

impl Code {
    fn is_for(&self, client: &Client, form: &TokenRequest) -> bool {
        let verifier = form.code_verifier.as_deref().unwrap_or_default();
        self.grant.client == client.id
            && form.redirect_uri.as_deref() == Some(&self.redirect_uri)
            && self.challenge.is_met_by(verifier)
    }
}
