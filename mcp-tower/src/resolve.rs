//! Which server answers a request.

use crate::{
    accept::AcceptPolicy,
    body::Body,
    entrance::Entrance,
    reply::{self, Reply},
};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri, header, request::Parts};
use mcp_core::{BoxFuture, Mount, Principal, Quirks, Refusal, Server, protocol::ErrorObject};
use std::{future::Future, sync::Arc};

/// Chooses the server that answers a request, by its path, headers, extensions or caller.
///
/// It runs before the body is read, and for every request that the mount lets in: whose host and
/// origin are allowed, and whose caller, where the mount has an `Auth`. Who may call one server and
/// not another, its [`Resolved::authorize`] says.
///
/// Where the mount has none, a request for the document about an endpoint
/// (`/.well-known/oauth-protected-resource` and the path of the endpoint) comes here as one for the
/// endpoint, from an allowed host and pages of any origin. When there is no such document, it is a
/// request like all others, and comes once more with its own path.
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
    pub(crate) entrance: Entrance,
}

impl Resolved {
    /// A server under a stable name.
    pub fn new(server: Server, name: impl Into<Arc<str>>) -> Self {
        Self {
            server,
            mount: Mount::new(name),
            accept: None,
            quirks: None,
            entrance: Entrance::default(),
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

    /// Lets in only whom `auth` lets in, to this server: right after the resolver has named it, and
    /// before anything of the request but its head is looked at.
    ///
    /// ```
    /// use http::request::Parts;
    /// use mcp_tower::{McpService, Principal, Resolve, Resolved, Server, Unresolved, auth::Auth};
    /// use std::collections::HashMap;
    ///
    /// /// Servers by their paths, some with callers of their own.
    /// struct Tenants(HashMap<String, (Server, Option<Auth>)>);
    ///
    /// impl Resolve for Tenants {
    ///     async fn resolve(&self, parts: &Parts, _: &Principal) -> Result<Resolved, Unresolved> {
    ///         let path = parts.uri.path();
    ///         let (server, auth) = self.0.get(path).ok_or_else(Unresolved::unknown)?;
    ///         let resolved = Resolved::new(server.clone(), path);
    ///         Ok(match auth {
    ///             Some(auth) => resolved.authorize(auth.clone()),
    ///             None => resolved,
    ///         })
    ///     }
    /// }
    ///
    /// let mcp = McpService::resolved_by(Tenants(HashMap::new()));
    /// let app: axum::Router = axum::Router::new()
    ///     .route_service("/tenants/{tenant}", mcp.clone())
    ///     // For tenants whose callers get their tokens from an authorization server.
    ///     .route_service("/.well-known/oauth-protected-resource/tenants/{tenant}", mcp);
    /// ```
    ///
    /// Make an `Auth` once and give out clones: it is cheap to clone, and a validator remembers.
    /// The principal, the scopes and the identity of the request are those that this `Auth` found:
    /// sessions, cursors and budgets are theirs. A session that one principal opened stays
    /// unknown to others, and to other servers.
    ///
    /// An `Auth` of the [mount](crate::McpService::authorize) comes before the resolver, which it
    /// protects too, and takes the `Authorization` header with it. So there is one or the other. Both
    /// ask, for the same token, where the mount [keeps](crate::auth::Auth::keep_token) it; then the
    /// identity that this one found counts.
    ///
    /// A request for the [document](crate::auth::ResourceMetadata::path) about an endpoint is
    /// resolved as if it were for the endpoint, and answered if what is found has an `Auth` with a
    /// document at that path; anybody may read it, so the caller is not known. Caches ask each time
    /// whether it still holds. A mount with an `Auth` of its own resolves nothing for strangers: serve
    /// the document with a [`MetadataService`](crate::auth::MetadataService) there. A
    /// [`McpLayer`](crate::McpLayer) passes such requests on, for what is inside to answer: route them to
    /// a clone of the service there.
    #[cfg(feature = "auth")]
    #[cfg_attr(docsrs, doc(cfg(feature = "auth")))]
    #[must_use]
    pub fn authorize(mut self, auth: crate::auth::Auth) -> Self {
        self.entrance = auth.into();
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
            entrance: Entrance::default(),
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

    /// The document about the server at whose path it is asked for, if that could be one.
    pub(crate) fn document<'a>(&'a self, parts: &'a Parts) -> Option<BoxFuture<'a, Option<Reply>>> {
        let Self::Resolver(resolver) = self else {
            return None;
        };
        let path = Entrance::endpoint_of(parts.uri.path())?;
        Some(Box::pin(async move {
            let asked = at_path(parts, path)?;
            let principal = parts.extensions.get().cloned().unwrap_or_default();
            let resolved = resolver.erased(&asked, &principal).await.ok()?;
            let mut document = resolved.entrance.document(parts)?;
            // Another server may be resolved at any time, or none.
            if document.status() == StatusCode::OK {
                let checked = HeaderValue::from_static("no-cache");
                document
                    .headers_mut()
                    .insert(header::CACHE_CONTROL, checked);
            }
            Some(document)
        }))
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

/// The same head, for another path and without a query.
fn at_path(parts: &Parts, path: &str) -> Option<Parts> {
    let path = if path.is_empty() { "/" } else { path };
    let mut asked = parts.clone();
    let mut uri = asked.uri.into_parts();
    uri.path_and_query = Some(path.parse().ok()?);
    asked.uri = Uri::from_parts(uri).ok()?;
    Some(asked)
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
