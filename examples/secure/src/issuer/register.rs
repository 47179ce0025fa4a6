//! Dynamic client registration (RFC 7591).

use super::{
    Issuer,
    clients::{Client, name_client},
    error::OAuthError,
    manners,
    redirect_uri::RedirectUri,
    secret::{Digest, secret},
};
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    response::Response,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

const MOST_REDIRECT_URIS: usize = 10;
const LONGEST_NAME: usize = 200;

/// What a client says about itself; what is not here is not looked at.
#[derive(Deserialize)]
pub(super) struct Registration {
    #[serde(default)]
    redirect_uris: Vec<String>,
    client_name: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
}

/// What is said to a new client.
#[derive(Serialize)]
struct Registered {
    client_id: String,
    client_id_issued_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Zero: never. Sent with a secret, and only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<String>,
    redirect_uris: Vec<String>,
    grant_types: Vec<&'static str>,
    response_types: [&'static str; 1],
    token_endpoint_auth_method: &'static str,
}

impl Registration {
    /// The client described here.
    pub(super) fn into_client(self, id: &str) -> Result<Client, OAuthError> {
        let count = self.redirect_uris.len();
        let uris: Option<Vec<_>> = self
            .redirect_uris
            .iter()
            .map(|uri| RedirectUri::parse(uri))
            .collect();
        let redirect_uris = uris
            .filter(|_| (1..=MOST_REDIRECT_URIS).contains(&count))
            .ok_or_else(|| {
                let message = "`redirect_uris` must be one to ten HTTPS URIs, URIs of this machine, \
                               or of an application's own scheme";
                OAuthError::new("invalid_redirect_uri", message)
            })?;
        let grants = self.grant_types.as_deref().unwrap_or_default();
        let known = |grant: &String| grant == "authorization_code" || grant == "refresh_token";
        let codes = |types: Vec<String>| types.iter().all(|one| one == "code");
        if !grants.iter().all(known) || !self.response_types.is_none_or(codes) {
            return Err(metadata(
                "this issuer registers clients of the code flow only",
            ));
        }
        if self
            .client_name
            .as_ref()
            .is_some_and(|name| name.len() > LONGEST_NAME)
        {
            return Err(metadata("`client_name` is too long"));
        }
        Ok(Client {
            id: id.into(),
            name: self.client_name,
            redirect_uris,
            secret: None,
            may_refresh: grants.iter().any(|grant| grant == "refresh_token"),
            service: None,
        })
    }
}

fn metadata(description: &'static str) -> OAuthError {
    OAuthError::new("invalid_client_metadata", description)
}

pub(super) async fn register(
    State(issuer): State<Issuer>,
    body: Result<Json<Registration>, JsonRejection>,
) -> Result<Response, OAuthError> {
    let Json(registration) = body.map_err(|_| metadata("this is no client registration"))?;
    // The default of RFC 7591 is `client_secret_basic`.
    let method = match registration.token_endpoint_auth_method.as_deref() {
        Some("none") => "none",
        Some("client_secret_basic") | None => "client_secret_basic",
        Some(_) => {
            let message = "`token_endpoint_auth_method` must be none or client_secret_basic";
            return Err(metadata(message));
        }
    };
    let mut client = registration.into_client(&name_client()?)?;
    let client_secret = match method {
        "none" => None,
        _ => Some(secret()?),
    };
    client.secret = client_secret.as_deref().map(Digest::of);
    let now = issuer.now();
    let mut grant_types = vec!["authorization_code"];
    grant_types.extend(client.may_refresh.then_some("refresh_token"));
    let uris = client.redirect_uris.iter();
    let registered = Registered {
        client_id: client.id.to_string(),
        client_id_issued_at: now,
        client_secret_expires_at: client_secret.is_some().then_some(0),
        client_secret,
        client_name: client.name.clone(),
        redirect_uris: uris.map(|uri| uri.as_str().to_owned()).collect(),
        grant_types,
        response_types: ["code"],
        token_endpoint_auth_method: method,
    };
    issuer.0.clients.register(client, now)?;
    Ok(manners::unstored((StatusCode::CREATED, Json(registered))))
}
