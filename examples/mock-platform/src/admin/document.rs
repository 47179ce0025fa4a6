//! The body of a request.

use super::failure::Failure;
use crate::design::{self, Unreadable};
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
        design::read(&body).map(Self).map_err(|error| match error {
            Unreadable::Faults(faults) => faults.into(),
            error => Failure::new(
                StatusCode::BAD_REQUEST,
                format!("the body is not JSON: {error}"),
            ),
        })
    }
}
