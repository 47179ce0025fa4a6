//! Which server answers a request.

use crate::{
    accept::AcceptPolicy,
    body::Body,
    reply::{self, Reply},
};
use bytes::Bytes;
use http::{Response, StatusCode, request::Parts};
use mcp_core::{BoxFuture, Mount, Principal, Quirks, Refusal, Server, protocol::ErrorObject};
use std::{future::Future, sync::Arc};

/// Chooses the server that answers a request, by its path, headers, extensions or caller.
///
/// It runs before the body is read, and for every request.
///
/// ```
/// use http::request::Parts;
/// use mcp_tower::{McpService, Principal, Resolve, Resolved, Server, Unresolved};
/// use std::collections::HashMap;
///
/// struct Tenants(HashMap<String, Server>);
///
/// impl Resolve for Tenants {
///     async fn resolve(&self, parts: &Parts, _: &Principal) -> Result<Resolved, Unresolved> {
///         let tenant = parts.uri.path().trim_matches('/').split('/').next().unwrap_or_default();
///         let server = self.0.get(tenant).ok_or_else(Unresolved::unknown)?;
///         Ok(Resolved::new(server.clone(), tenant))
///     }
/// }
///
/// let service = McpService::resolved_by(Tenants(HashMap::new()));
/// # let _ = service;
/// ```
pub trait Resolve: Send + Sync + 'static {
    /// The server, or what to answer without one.
    fn resolve(
        &self,
        parts: &Parts,
        principal: &Principal,
    ) -> impl Future<Output = Result<Resolved, Unresolved>> + Send;
}

/// A server and the name it goes by in this mount.
///
/// The name is part of every key: a session opened with one server is unknown to another.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub(crate) server: Server,
    pub(crate) mount: Mount,
    /// These two where they differ from those of its mount.
    pub(crate) accept: Option<AcceptPolicy>,
    pub(crate) quirks: Option<Quirks>,
}

impl Resolved {
    /// A server under a stable name.
    pub fn new(server: Server, name: impl Into<Arc<str>>) -> Self {
        Self {
            server,
            mount: Mount::new(name),
            accept: None,
            quirks: None,
        }
    }

    /// What is asked of `Accept` here, instead of what the mount [asks](crate::McpService::accept).
    #[must_use]
    pub fn accept(mut self, policy: AcceptPolicy) -> Self {
        self.accept = Some(policy);
        self
    }

    /// What is done here in another way than the protocol says, instead of what the mount
    /// [does](crate::McpService::quirks): none of the mount's own quirks hold beside these.
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = Some(quirks);
        self
    }
}

/// What is answered when there is no server for a request.
///
/// ```
/// use mcp_tower::{Unresolved, core::Refusal};
///
/// let unknown = Unresolved::unknown();
/// let forbidden = Unresolved::from(Refusal::forbidden("not for you"));
/// let own = Unresolved::from(http::Response::new("{\"error\":\"none\"}".into()));
/// # let _ = (unknown, forbidden, own);
/// ```
#[derive(Debug)]
pub struct Unresolved(Answer);

#[derive(Debug)]
enum Answer {
    Unknown,
    Refusal(Box<Refusal>),
    Response(Box<Response<Bytes>>),
}

impl Unresolved {
    /// There is none: 404 with a JSON-RPC error.
    pub fn unknown() -> Self {
        Self(Answer::Unknown)
    }

    pub(crate) fn into_reply(self) -> Reply {
        match self.0 {
            Answer::Unknown => {
                let error = ErrorObject::invalid_request("there is no server here");
                reply::error(StatusCode::NOT_FOUND, &error, None)
            }
            Answer::Refusal(refusal) => reply::refused(&refusal, None),
            Answer::Response(response) => response.map(Body::from),
        }
    }
}

/// There may be one, and the caller may not have it.
impl From<Refusal> for Unresolved {
    fn from(refusal: Refusal) -> Self {
        Self(Answer::Refusal(Box::new(refusal)))
    }
}

/// An answer of one's own, as it is.
impl From<Response<Bytes>> for Unresolved {
    fn from(response: Response<Bytes>) -> Self {
        Self(Answer::Response(Box::new(response)))
    }
}

/// Where servers come from.
#[derive(Clone)]
pub(crate) enum Source {
    Fixed(Resolved),
    Resolver(Arc<dyn ErasedResolve>),
}

impl Source {
    pub(crate) fn fixed(server: Server) -> Self {
        Self::Fixed(Resolved {
            server,
            mount: Mount::unnamed(),
            accept: None,
            quirks: None,
        })
    }

    /// Names the mount of a fixed server; resolved servers have names of their own.
    pub(crate) fn set_mount(&mut self, mount: Mount) {
        if let Self::Fixed(resolved) = self {
            resolved.mount = mount;
        }
    }

    pub(crate) fn resolver(resolver: impl Resolve) -> Self {
        Self::Resolver(Arc::new(resolver))
    }

    pub(crate) async fn resolve(
        &self,
        parts: &Parts,
        principal: &Principal,
    ) -> Result<Resolved, Unresolved> {
        match self {
            Self::Fixed(resolved) => Ok(resolved.clone()),
            Self::Resolver(resolver) => resolver.erased(parts, principal).await,
        }
    }
}

pub(crate) trait ErasedResolve: Send + Sync {
    fn erased<'a>(
        &'a self,
        parts: &'a Parts,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<Resolved, Unresolved>>;
}

impl<R: Resolve> ErasedResolve for R {
    fn erased<'a>(
        &'a self,
        parts: &'a Parts,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<Resolved, Unresolved>> {
        Box::pin(self.resolve(parts, principal))
    }
}
