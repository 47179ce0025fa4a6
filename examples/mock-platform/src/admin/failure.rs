//! What is answered instead.

use crate::{design::DesignFaults, platform::PlatformError};
use axum::{
    Json,
    extract::rejection::PathRejection,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use mcp_tower::core::NoRandomness;
use serde_json::json;

/// When to try again what there is no room for now.
const RETRY_AFTER_SECONDS: &str = "5";

/// A status and `{"error": {"message", "faults"?: [{"path", "reason"}]}}`.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    message: String,
    faults: Option<DesignFaults>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            faults: None,
        }
    }
}

impl From<DesignFaults> for Failure {
    fn from(faults: DesignFaults) -> Self {
        Self {
            faults: Some(faults),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "the document is wrong")
        }
    }
}

impl From<PlatformError> for Failure {
    fn from(error: PlatformError) -> Self {
        let status = match error {
            PlatformError::Invalid(faults) => return faults.into(),
            PlatformError::NotFound => StatusCode::NOT_FOUND,
            PlatformError::Conflict(_) => StatusCode::CONFLICT,
            PlatformError::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            PlatformError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.told())
    }
}

impl From<PathRejection> for Failure {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<NoRandomness> for Failure {
    fn from(error: NoRandomness) -> Self {
        tracing::error!(%error, "no secret can be made");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "no secret can be made")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut error = json!({ "message": self.message });
        if let Some(faults) = self.faults {
            error["faults"] = json!(faults);
        }
        let mut response = (self.status, Json(json!({ "error": error }))).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let later = http::HeaderValue::from_static(RETRY_AFTER_SECONDS);
            response
                .headers_mut()
                .insert(http::header::RETRY_AFTER, later);
        }
        response
    }
}
