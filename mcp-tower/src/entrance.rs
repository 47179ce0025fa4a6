//! Who is let in, to a mount or to one server of it.

#[cfg(feature = "auth")]
use crate::auth::{Auth, ResourceMetadata};
use crate::reply::Reply;
use http::{HeaderMap, request::Parts};
use mcp_core::Refusal;

/// Lets in everybody, unless there is an `Auth` that says otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entrance {
    #[cfg(feature = "auth")]
    auth: Option<Auth>,
}

#[cfg(feature = "auth")]
impl From<Auth> for Entrance {
    fn from(auth: Auth) -> Self {
        Self { auth: Some(auth) }
    }
}

#[cfg(feature = "auth")]
impl Entrance {
    /// Whether anybody is asked who it is.
    pub(crate) fn is_guarded(&self) -> bool {
        self.auth.is_some()
    }

    /// Whether a path is that of the document about it.
    pub(crate) fn answers(&self, path: &str) -> bool {
        self.auth.as_ref().is_some_and(|auth| auth.answers(path))
    }

    /// The path of the endpoint whose document is asked for at a path.
    pub(crate) fn endpoint_of(path: &str) -> Option<&str> {
        ResourceMetadata::endpoint_of(path)
    }

    /// What anybody may read, from any origin: where callers get their tokens.
    pub(crate) fn document(&self, parts: &Parts) -> Option<Reply> {
        self.auth
            .as_ref()?
            .document(&parts.method, parts.uri.path())
    }

    /// Lets a request in, or says why not.
    pub(crate) async fn admit(&self, parts: &mut Parts) -> Result<(), Refusal> {
        match &self.auth {
            Some(auth) => auth.authorize(parts).await,
            None => Ok(()),
        }
    }

    /// Completes what an operation could not say.
    pub(crate) fn complete(&self, reply: &mut HeaderMap) {
        if let Some(auth) = &self.auth {
            auth.complete(reply);
        }
    }
}

#[cfg(not(feature = "auth"))]
impl Entrance {
    pub(crate) fn is_guarded(&self) -> bool {
        false
    }

    pub(crate) fn answers(&self, _: &str) -> bool {
        false
    }

    pub(crate) fn endpoint_of(_: &str) -> Option<&str> {
        None
    }

    pub(crate) fn document(&self, _: &Parts) -> Option<Reply> {
        None
    }

    pub(crate) async fn admit(&self, _: &mut Parts) -> Result<(), Refusal> {
        Ok(())
    }

    pub(crate) fn complete(&self, _: &mut HeaderMap) {}
}
