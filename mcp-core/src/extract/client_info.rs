//! What the client says of itself.

use super::FromContext;
use crate::{context::Context, error::RequestError, protocol::Implementation};

/// Name and version of the client, when it gave them. Unverified: log it, never decide by it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientInfo(pub Option<Implementation>);

impl<S: Sync> FromContext<S> for ClientInfo {
    async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
        Ok(Self(cx.client().info()))
    }
}
