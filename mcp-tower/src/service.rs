//! The mount: one Tower service of HTTP requests.

use crate::{
    accept::AcceptPolicy,
    body::Body,
    cors::Cors,
    endpoint::Endpoint,
    host::AllowedHosts,
    http_sse::{Connections, HttpSse},
    limits::Limits,
    replicas::Replicas,
    resolve::{Resolve, Source},
    session::SessionOptions,
};
use bytes::Bytes;
use http::{Request, Response};
use mcp_core::{BoxFuture, Mount, Quirks, Server, governor::Governor};
use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// An MCP endpoint: a Tower service that answers every request it is given.
///
/// Both eras of the protocol share it. It takes any body, answers HTTP/1.1 and HTTP/2, fails
/// never, and is cheap to clone. Building it spawns nothing and needs no runtime.
///
/// ```
/// use mcp_tower::{McpService, Server, mcp_tool};
///
/// #[mcp_tool]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let server = Server::builder("calculator", "1.0").tool(add).build();
/// let app: axum::Router = axum::Router::new()
///     .route_service("/mcp", McpService::new(server));
/// ```
///
/// Before an application ends, let its server [finish](Server::shutdown) what it does:
///
/// ```no_run
/// use mcp_tower::{McpService, Server};
/// use std::time::Duration;
///
/// # async fn run(server: Server) -> std::io::Result<()> {
/// # async fn signal() {}
/// let app = axum::Router::new().route_service("/mcp", McpService::new(server.clone()));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, app)
///     .with_graceful_shutdown(async move {
///         signal().await;
///         // Requests that still arrive are told to go elsewhere.
///         server.shutdown(Duration::from_secs(25)).await;
///     })
///     .await
/// # }
/// ```
///
/// What outer layers put into `http::Extensions` reaches the handlers, a
/// [`Principal`](mcp_core::Principal) first of all.
#[derive(Clone)]
pub struct McpService {
    endpoint: Arc<Endpoint>,
}

impl McpService {
    /// An endpoint for one server.
    pub fn new(server: Server) -> Self {
        Self::from_source(Source::fixed(server))
    }

    /// An endpoint that chooses a server for each request.
    pub fn resolved_by(resolver: impl Resolve) -> Self {
        Self::from_source(Source::resolver(resolver))
    }

    fn from_source(source: Source) -> Self {
        Self {
            endpoint: Arc::new(Endpoint::new(source)),
        }
    }

    /// Names the hosts and origins that the endpoint answers to, beside loopback names.
    ///
    /// ```
    /// # let server = mcp_tower::Server::builder("s", "1").build();
    /// use mcp_tower::{AllowedHosts, McpService};
    ///
    /// let service = McpService::new(server)
    ///     .allowed_hosts(AllowedHosts::new().allow_host("mcp.example.com"));
    /// # let _ = service;
    /// ```
    #[must_use]
    pub fn allowed_hosts(self, hosts: AllowedHosts) -> Self {
        self.with(|endpoint| endpoint.hosts = hosts)
    }

    /// Lets pages of allowed origins use the endpoint from a browser. See [`Cors`].
    #[must_use]
    pub fn cors(self, cors: Cors) -> Self {
        self.with(|endpoint| endpoint.cors = Some(cors))
    }

    /// Names the mount. Sessions, cursors and the state of unfinished calls belong to one mount;
    /// two mounts of an application that share keys need two names.
    #[must_use]
    pub fn mount(self, name: impl Into<Arc<str>>) -> Self {
        self.with(|endpoint| endpoint.set_mount(Mount::new(name)))
    }

    /// Lets in only whom `auth` lets in, after the check of `Host` and `Origin` and before
    /// anything else, and answers for the document about the endpoint where it sees its paths. Where
    /// servers are resolved, each may have [callers of its own](crate::Resolved::authorize) instead.
    ///
    /// ```
    /// # use mcp_tower::{McpService, Server, auth::{Auth, ResourceMetadata, TokenValidator}};
    /// # fn of(server: Server, validator: impl TokenValidator, metadata: ResourceMetadata) {
    /// let service = McpService::new(server).authorize(Auth::new(validator, metadata));
    /// # let _ = service;
    /// # }
    /// ```
    #[cfg(feature = "auth")]
    #[cfg_attr(docsrs, doc(cfg(feature = "auth")))]
    #[must_use]
    pub fn authorize(self, auth: crate::auth::Auth) -> Self {
        self.with(|endpoint| endpoint.entrance = auth.into())
    }

    /// Whether it answers a path beside its own: that of the document about it.
    pub(crate) fn answers_beside(&self, path: &str) -> bool {
        self.endpoint.entrance.answers(path)
    }

    /// Bounds what one request may cost.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        self.with(|endpoint| endpoint.limits = limits)
    }

    /// Bounds what may be alive at once, in total and for each caller. Without this a mount has a
    /// governor of its own with the [defaults](mcp_core::governor::Budgets); mounts that are given
    /// clones of one share its budgets.
    ///
    /// ```
    /// # let server = mcp_tower::Server::builder("s", "1").build();
    /// use mcp_tower::{McpService, governor::{Budget, Budgets, Governor}};
    ///
    /// let governor = Governor::new(Budgets::new().per_payer(Budget::Calls, 32));
    /// let service = McpService::new(server).governor(governor.clone());
    /// assert_eq!(governor.snapshot().usage(Budget::Calls).used, 0);
    /// # let _ = service;
    /// ```
    #[must_use]
    pub fn governor(self, governor: Governor) -> Self {
        self.with(|endpoint| endpoint.set_governor(governor))
    }

    /// Makes this the transport of 2024-11-05, HTTP+SSE, for clients that know no other: mounted
    /// beside the endpoint, at a path of its own, with everything that was set before. It serves
    /// sessions of every legacy revision, each as long as its stream, in this process.
    ///
    /// ```
    /// # let server = mcp_tower::Server::builder("s", "1").build();
    /// use mcp_tower::{HttpSse, McpService};
    ///
    /// let service = McpService::new(server);
    /// let app: axum::Router = axum::Router::new()
    ///     .route_service("/mcp", service.clone())
    ///     .route_service("/sse", service.http_sse(HttpSse::new()));
    /// ```
    #[must_use]
    pub fn http_sse(self, options: HttpSse) -> Self {
        self.with(|endpoint| endpoint.http_sse = Some(Connections::new(options)))
    }

    /// How long sessions of legacy clients last, and what is kept for those that come back.
    #[must_use]
    pub fn sessions(self, options: SessionOptions) -> Self {
        self.with(|endpoint| endpoint.set_sessions(Some(options)))
    }

    /// Serves the same sessions as other replicas: see [`Replicas`]. Say the name of the
    /// [mount](Self::mount) before, if it has one.
    #[must_use]
    pub fn replicas(self, replicas: &Replicas) -> Self {
        self.with(|endpoint| endpoint.set_replicas(replicas))
    }

    /// Serves legacy clients without sessions: every request stands for itself.
    #[must_use]
    pub fn without_sessions(self) -> Self {
        self.with(|endpoint| endpoint.set_sessions(None))
    }

    /// What is asked of `Accept`, and in which media type is answered; a resolved server may say
    /// [otherwise](crate::Resolved::accept).
    #[must_use]
    pub fn accept(self, policy: AcceptPolicy) -> Self {
        self.with(|endpoint| endpoint.accept = policy)
    }

    /// Departs from the protocol where it is said, for clients that expect it; a resolved server may
    /// have quirks [of its own](crate::Resolved::quirks).
    ///
    /// ```
    /// # let server = mcp_tower::Server::builder("s", "1").build();
    /// use mcp_tower::{McpService, Quirks, protocol::Revision};
    ///
    /// let quirks = Quirks::new()
    ///     .force_revision(Revision::V2024_11_05)?
    ///     .unknown_tool_as_method();
    /// let service = McpService::new(server).quirks(quirks);
    /// # let _ = service;
    /// # Ok::<(), mcp_tower::core::NoHandshake>(())
    /// ```
    #[must_use]
    pub fn quirks(self, quirks: Quirks) -> Self {
        self.with(|endpoint| endpoint.quirks = Some(quirks))
    }

    /// Refuses a `Host` that is not allowed with 421 instead of 403.
    #[must_use]
    pub fn misdirected_host(self) -> Self {
        self.with(|endpoint| endpoint.misdirected_host = true)
    }

    fn with(mut self, change: impl FnOnce(&mut Endpoint)) -> Self {
        change(Arc::make_mut(&mut self.endpoint));
        self
    }
}

impl From<Server> for McpService {
    fn from(server: Server) -> Self {
        Self::new(server)
    }
}

impl<B> Service<Request<B>> for McpService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let endpoint = self.endpoint.clone();
        // What the future owns from the start is borrowed by all that it awaits: each value that
        // moves on into another future would take its place twice.
        let (mut parts, body) = request.into_parts();
        ResponseFuture(Box::pin(
            async move { endpoint.handle(&mut parts, body).await },
        ))
    }
}

impl fmt::Debug for McpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpService").finish_non_exhaustive()
    }
}

/// The future of [`McpService`].
///
/// Dropping it stops a modern call, whose client has gone away; a legacy call goes on as a task.
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture(BoxFuture<'static, Response<Body>>);

#[cfg(feature = "rate-limit")]
impl ResponseFuture {
    /// An answer that is there already.
    pub(crate) fn ready(reply: Response<Body>) -> Self {
        Self(Box::pin(std::future::ready(reply)))
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
