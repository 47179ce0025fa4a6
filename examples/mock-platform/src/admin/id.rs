//! The id in a path.

use super::failure::Failure;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

/// The id of a server; one that is no text is refused like everything else.
#[derive(Debug)]
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(id) = Path::from_request_parts(parts, state).await?;
        Ok(Self(id))
    }
}
