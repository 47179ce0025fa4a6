//! What the issuer of a server says about itself (RFC 8414).

use super::{Issuer, unknown};
use crate::access::AccessRules;
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::header;
use serde_json::json;

pub(super) async fn document(State(issuer): State<Issuer>, Path(id): Path<String>) -> Response {
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
