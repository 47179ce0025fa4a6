//! The page for people: files that are part of the program, and load nothing from elsewhere.
//!
//! It knows no more than any client: designs and calls come from `/api/admin`, answers from the
//! endpoint of the server. The key is typed in, and the browser keeps it as long as the tab.

use axum::{Router, response::IntoResponse, routing::get};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// What the page may do: run its own scripts, and talk to where it comes from. Text of a design never
/// becomes markup: the scripts do not do it, and the browser would refuse it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// A script with its name.
macro_rules! script {
    ($name:literal) => {
        (concat!("/", $name), "text/javascript", include_str!($name))
    };
}

/// Paths, media types and texts. Each script has one thing to know about, and imports the others.
const FILES: [(&str, &str, &str); 11] = [
    ("/", "text/html", include_str!("index.html")),
    ("/style.css", "text/css", include_str!("style.css")),
    script!("app.js"),
    script!("access.js"),
    script!("answers.js"),
    script!("api.js"),
    script!("calls.js"),
    script!("design.js"),
    script!("dom.js"),
    script!("events.js"),
    script!("form.js"),
];

/// The page at `/`, with its scripts and its style.
pub(crate) fn routes() -> Router {
    FILES
        .iter()
        .fold(Router::new(), |router, (path, kind, text)| {
            router.route(path, get(async || file(kind, text)))
        })
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
