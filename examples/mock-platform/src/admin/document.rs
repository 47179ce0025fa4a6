//! The body of a request.

use super::failure::Failure;
use crate::design::{self, Unreadable};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

/// A body that is JSON, whatever its `Content-Type` says.
#[derive(Debug)]
pub(super) struct Document(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Document {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        parse(&body(request, state).await?).map(Self)
    }
}

/// Nothing, where the body is empty.
impl<S: Send + Sync> OptionalFromRequest<S> for Document {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Failure> {
        let body = body(request, state).await?;
        match body.is_empty() {
            true => Ok(None),
            false => parse(&body).map(|value| Some(Self(value))),
        }
    }
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    let body = Bytes::from_request(request, state).await;
    body.map_err(|rejection| Failure::new(rejection.status(), rejection.body_text()))
}

fn parse(body: &[u8]) -> Result<Value, Failure> {
    design::read(body).map_err(|error| match error {
        Unreadable::Faults(faults) => faults.into(),
        error => {
            let reason = format!("the body is not JSON: {error}");
            Failure::new(StatusCode::BAD_REQUEST, reason)
        }
    })
}
