//! The page for people: three files that are part of the program, and load nothing from elsewhere.
//!
//! It knows no more than any client: designs and calls come from `/api/admin`, answers from the
//! endpoint of the server. The key is typed in, and the browser keeps it as long as the tab.

use axum::{Router, response::IntoResponse, routing::get};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// What the page may do: run its own script, and talk to where it comes from. Text of a design never
/// becomes markup: the script does not do it, and the browser would refuse it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The page at `/`, with its script and its style.
pub(crate) fn routes() -> Router {
    let html = || async { file("text/html", include_str!("index.html")) };
    let script = || async { file("text/javascript", include_str!("app.js")) };
    let style = || async { file("text/css", include_str!("style.css")) };
    Router::new()
        .route("/", get(html))
        .route("/app.js", get(script))
        .route("/style.css", get(style))
}

fn file(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, format!("{media_type}; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, text)
}
