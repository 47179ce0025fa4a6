//! What all answers of the issuer have in common over HTTP.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};
use std::time::Duration;
use tokio::time::timeout;

/// How long a request to the issuer may take, its body included.
const LIMIT: Duration = Duration::from_secs(10);

/// A response that nobody may store: it holds a secret, or depends on one.
pub(super) fn unstored(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// Lets pages of any origin read the answer, for endpoints that look at no cookie and no address:
/// who can call them from a page can call them without one.
pub(super) async fn readable_anywhere(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS");
    set(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Authorization, Content-Type, MCP-Protocol-Version",
    );
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "WWW-Authenticate");
    set(header::ACCESS_CONTROL_MAX_AGE, "3600");
    response
}

/// Gives up a request that takes too long, such as one whose body never ends.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    match timeout(LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}
