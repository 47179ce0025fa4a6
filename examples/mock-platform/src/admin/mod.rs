//! REST for administrators, under `/api/admin`.
//!
//! Every request needs the key of administrators, as `Authorization: Bearer` or `X-API-Key`. A
//! design is shown as it is stored, digests of its secrets included: what was read can be changed and
//! sent back. The secrets themselves are not known.
//!
//! | status | when |
//! |---|---|
//! | 400 | the body is not JSON, or a member of it is missing or wrong |
//! | 401 | the key is missing or wrong |
//! | 404 | there is no such server, tool or path |
//! | 409 | the id is taken, there is no room, no type of credentials to make, what is stored is broken, or it was changed since it was read |
//! | 413 | the body is too long |
//! | 422 | the design is wrong; all faults are told, with their paths |
//! | 500 | the store has failed, or there is no randomness for a secret; the log says more |
//! | 501 | it cannot be done yet |
//! | 503 | too many follow calls already; `Retry-After` says when to try again |

mod calls;
mod credentials;
mod document;
mod failure;
mod id;
mod key;
mod servers;
mod summary;

pub(crate) use key::{AdminKey, require};
pub(crate) use summary::Summary;

use crate::{access::PublicUrl, platform::Platform};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use credentials::Desk;
use failure::Failure;
use http::StatusCode;

/// The longest body in bytes. A design is shorter; an OpenAPI document may say more than what
/// becomes of it.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Everything under `/api/admin`, whose paths begin behind it.
pub(crate) fn router(platform: Platform, key: AdminKey, public_url: PublicUrl) -> Router {
    let desk = Desk {
        platform: platform.clone(),
        public_url,
    };
    Router::new()
        .route("/servers", get(servers::list).post(servers::create))
        .route(
            "/servers/{id}",
            get(servers::show)
                .put(servers::replace)
                .patch(servers::patch)
                .delete(servers::delete),
        )
        .route("/servers/{id}/publish", post(servers::publish))
        .route("/servers/{id}/disable", post(servers::disable))
        .route("/servers/{id}/duplicate", post(servers::duplicate))
        .route(
            "/servers/{id}/credentials",
            post(credentials::make).with_state(desk),
        )
        .route("/servers/{id}/test", post(servers::test))
        .route("/servers/{id}/reset", post(servers::reset))
        .route("/servers/{id}/calls", get(calls::list).delete(calls::clear))
        .route("/calls", get(calls::follow_all))
        .route("/import/openapi", post(servers::import_openapi))
        .route("/import/mcp", post(servers::import_mcp))
        .fallback(async || Failure::new(StatusCode::NOT_FOUND, "there is no such path"))
        .method_not_allowed_fallback(async || {
            let reason = "this path has other methods";
            Failure::new(StatusCode::METHOD_NOT_ALLOWED, reason)
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(key, require))
        .with_state(platform)
}
