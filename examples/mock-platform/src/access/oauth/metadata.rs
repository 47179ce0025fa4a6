//! What the issuer of a server says about itself (RFC 8414).

use super::{Issuer, unknown};
use crate::access::AccessRules;
use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::json;

pub(super) async fn document(
    State(issuer): State<Issuer>,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let Ok(Path(id)) = path else {
        return unknown();
    };
    let rules = issuer.platform.access_rules(&id);
    if rules.as_ref().and_then(AccessRules::issued).is_none() {
        return unknown();
    }
    let url = &issuer.public_url;
    let name = url.issuer(&id);
    let document = json!({
        "issuer": name,
        // Nobody is there: no grant needs it. The official clients cannot read a document without.
        "authorization_endpoint": format!("{name}/oauth/authorize"),
        "token_endpoint": url.token_url(&id),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    });
    // A server may be unpublished at any time.
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, Json(document)).into_response()
}

/// Answered for every path, as that of the other document: a page may always ask.
pub(super) async fn preflight() -> impl IntoResponse {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
    ];
    (StatusCode::NO_CONTENT, headers)
}
