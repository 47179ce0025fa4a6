//! Which server answers a request.

use http::request::Parts;
use mcp_core::{BoxFuture, Mount, Principal, Server};
use std::{future::Future, sync::Arc};

/// Chooses the server that answers a request, by its path, headers, extensions or caller.
///
/// It runs before the body is read, and for every request.
///
/// ```
/// use http::request::Parts;
/// use mcp_tower::{McpService, Principal, Resolve, Resolved, Server};
/// use std::collections::HashMap;
///
/// struct Tenants(HashMap<String, Server>);
///
/// impl Resolve for Tenants {
///     async fn resolve(&self, parts: &Parts, _: &Principal) -> Option<Resolved> {
///         let tenant = parts.uri.path().trim_matches('/').split('/').next()?;
///         let server = self.0.get(tenant)?.clone();
///         Some(Resolved::new(server, tenant))
///     }
/// }
///
/// let service = McpService::resolved_by(Tenants(HashMap::new()));
/// # let _ = service;
/// ```
pub trait Resolve: Send + Sync + 'static {
    /// The server, or `None` for a 404.
    fn resolve(
        &self,
        parts: &Parts,
        principal: &Principal,
    ) -> impl Future<Output = Option<Resolved>> + Send;
}

/// A server and the name it goes by in this mount.
///
/// The name is part of every key: a session opened with one server is unknown to another.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub(crate) server: Server,
    pub(crate) mount: Mount,
}

impl Resolved {
    /// A server under a stable name.
    pub fn new(server: Server, name: impl Into<Arc<str>>) -> Self {
        Self {
            server,
            mount: Mount::new(name),
        }
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

    pub(crate) async fn resolve(&self, parts: &Parts, principal: &Principal) -> Option<Resolved> {
        match self {
            Self::Fixed(resolved) => Some(resolved.clone()),
            Self::Resolver(resolver) => resolver.erased(parts, principal).await,
        }
    }
}

pub(crate) trait ErasedResolve: Send + Sync {
    fn erased<'a>(
        &'a self,
        parts: &'a Parts,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Option<Resolved>>;
}

impl<R: Resolve> ErasedResolve for R {
    fn erased<'a>(
        &'a self,
        parts: &'a Parts,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Option<Resolved>> {
        Box::pin(self.resolve(parts, principal))
    }
}
