//! The body of a request.

use super::failure::Failure;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

/// A body that is JSON, whatever its `Content-Type` says.
#[derive(Debug)]
pub(super) struct Document(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Document {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let body = Bytes::from_request(request, state).await;
        let body =
            body.map_err(|rejection| Failure::new(rejection.status(), rejection.body_text()))?;
        let value = serde_json::from_slice(&body);
        value.map(Self).map_err(|error| {
            let reason = format!("the body is not JSON: {error}");
            Failure::new(StatusCode::BAD_REQUEST, reason)
        })
    }
}
