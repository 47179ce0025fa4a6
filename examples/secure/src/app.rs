//! Everything behind the listeners: which path is answered by what.

use crate::{Issuer, Options, access::until_its_grant_ends, url::PublicUrl};
use axum::{
    Router,
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use mcp_tower::{
    McpService,
    auth::{Auth, MetadataService, ResourceMetadata},
};

/// Seconds that browsers remember to use HTTPS only. A name of this machine is shared by other
/// programs, on other ports, so there it is soon forgotten.
const REMEMBER: &str = "max-age=31536000";
const REMEMBER_HERE: &str = "max-age=60";

pub(crate) fn secure(
    options: &Options,
    mcp: McpService,
    auth: &Auth,
    issuer: &Issuer,
    url: &PublicUrl,
) -> Router {
    let Options { rates, clock, .. } = options;
    let mcp = Router::new()
        .route_service("/mcp", mcp)
        .route_layer(from_fn_with_state(issuer.clone(), until_its_grant_ends))
        .route_layer(rates.strangers(clock))
        .route_layer(rates.addresses(clock));
    let documents = auth.metadata().map(documents).unwrap_or_default();
    let strict = if url.is_loopback() {
        REMEMBER_HERE
    } else {
        REMEMBER
    };
    let guard = move |mut response: Response| async move {
        let headers: &mut HeaderMap = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::STRICT_TRANSPORT_SECURITY, strict);
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        response
    };
    Router::new()
        .merge(documents)
        .merge(mcp)
        .merge(issuer.routes())
        .layer(map_response(guard))
}

/// Where clients look for what they have to know.
fn documents(metadata: &ResourceMetadata) -> Router {
    let document = MetadataService::new(metadata);
    Router::new()
        .route_service("/.well-known/oauth-protected-resource", document.clone())
        .route_service("/.well-known/oauth-protected-resource/mcp", document)
}

/// Sends everybody to HTTPS, by the name that is configured and not by one that was sent.
pub(crate) fn redirect(url: &PublicUrl) -> Router {
    let base = url.to_string();
    Router::new().fallback(move |uri: Uri| {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let location = HeaderValue::try_from(format!("{base}{path}"));
        async move {
            match location {
                Ok(location) => (
                    StatusCode::PERMANENT_REDIRECT,
                    [(header::LOCATION, location)],
                )
                    .into_response(),
                Err(_) => StatusCode::BAD_REQUEST.into_response(),
            }
        }
    })
}
