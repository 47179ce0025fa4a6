//! What the issuer says about itself (RFC 8414), and its keys.

use super::{Issuer, users::SCOPES};
use axum::{Json, extract::State, response::IntoResponse};
use http::header;
use serde_json::json;

/// A minute: clients may look again when something does not work.
const CACHEABLE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=60")];

pub(super) async fn metadata(State(issuer): State<Issuer>) -> impl IntoResponse {
    let url = issuer.url();
    let document = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "registration_endpoint": format!("{url}/register"),
        "revocation_endpoint": format!("{url}/revoke"),
        "jwks_uri": format!("{url}/jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": issuer.0.documents.is_some(),
        "scopes_supported": SCOPES,
    });
    (CACHEABLE, Json(document))
}

pub(super) async fn keys(State(issuer): State<Issuer>) -> impl IntoResponse {
    (CACHEABLE, Json(issuer.key_set()))
}
