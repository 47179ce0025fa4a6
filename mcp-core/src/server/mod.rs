//! The server: a catalog of tools, prompts and resources, and the methods that use it.

mod access;
mod build_error;
mod builder;
mod catalog;
mod completion;
mod configure;
mod dispatch;
mod entry;
mod extension;
mod header_params;
mod list;
mod listen;
mod methods;
mod options;
mod plan;
mod update;

pub use access::{Caller, Offered, ScopePolicy};
pub use build_error::BuildError;
pub use builder::ServerBuilder;
pub use catalog::Catalog;
pub use entry::{Entry, Item};
pub use extension::ProtocolExtension;
pub use header_params::{HeaderParam, HeaderType};
pub use list::List;
pub use methods::{MethodInfo, NameSource};
pub use options::Options;
pub use update::{CatalogUpdate, ServerHandle};

pub(crate) use access::Viewer;
pub(crate) use catalog::Snapshot;
pub use completion::Completers;
pub(crate) use dispatch::ServerFuture;
pub(crate) use plan::Plan;

use crate::{
    audit::Hook,
    call::{Link, Work},
    drain::{Drain, Drained},
    hub::Hub,
    peer::BoxFuture,
    protocol::{ErrorObject, Implementation, RequestId, Revision, ServerCapabilities},
    request::Request,
    response::{Identity, Response, encode_error},
    round::{OneShot, Rounds},
    route::Route,
    seal::{KeyRing, NoRandomness},
};
use arc_swap::ArcSwap;
use bytes::Bytes;
use std::{
    borrow::Cow,
    convert::Infallible,
    fmt,
    future::Future,
    sync::{Arc, Mutex, OnceLock, Weak},
    task::{Context, Poll},
    time::Duration,
};
use tower_service::Service;

/// A server: cheap to clone, the same value for every transport and mount.
///
/// It is a `tower::Service` of MCP requests whose catalog is shared and read without a lock.
/// Building one spawns nothing and needs no runtime. Calling it makes a [span](crate#tracing) and
/// applies time limits; cancellation is for those who drop the future, or for a
/// [`RunningCall`](crate::call::RunningCall).
///
/// ```
/// use mcp_core::{Server, mcp_tool};
///
/// /// Add two integers.
/// #[mcp_tool]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let server = Server::builder("calculator", "1.0").tool(add).build();
/// assert_eq!(server.info().name, "calculator");
/// ```
#[derive(Clone)]
pub struct Server {
    core: Arc<Core>,
    /// Dispatch inside the layers of the builder, when there are any.
    layered: Option<Route>,
}

/// What every clone of a server shares.
pub(crate) struct Core {
    info: Implementation,
    identity: Identity,
    instructions: Option<Cow<'static, str>>,
    catalog: ArcSwap<Catalog>,
    /// Held while a catalog is made from the current one.
    writer: Mutex<()>,
    hub: Arc<Hub>,
    drain: Arc<Drain>,
    /// Itself, for the handles that requests carry.
    this: Weak<Core>,
    settings: Settings,
    extensions: Vec<ProtocolExtension>,
    fallback: Option<Route>,
    keys: OnceLock<KeyRing>,
}

/// What the builder sets apart from the catalog.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    page_size: Option<usize>,
    has_shared_keys: bool,
    timeout: Option<Duration>,
    listeners: Option<usize>,
    one_shot: Option<OneShot>,
    caches: list::Caches,
    filters: Vec<access::Visible>,
    hooks: Vec<Hook>,
    scope_policy: ScopePolicy,
    #[cfg(feature = "json-schema")]
    schema_checks: Option<crate::validation::SchemaChecks>,
}

impl Server {
    /// Starts a server with a name and a version.
    pub fn builder(
        name: impl Into<Cow<'static, str>>,
        version: impl Into<Cow<'static, str>>,
    ) -> ServerBuilder<()> {
        ServerBuilder::new(Implementation::new(name, version))
    }

    /// Who the server is.
    pub fn info(&self) -> &Implementation {
        &self.core.info
    }

    /// What it offers: what its catalog holds, and its extensions.
    pub fn capabilities(&self) -> ServerCapabilities {
        self.core.capabilities(&self.core.catalog.load(), true)
    }

    /// How long a call may take, when there is a limit.
    pub fn timeout(&self) -> Option<Duration> {
        self.core.settings.timeout
    }

    /// What is known of a method before its parameters are looked at.
    pub fn method(&self, method: &str) -> Option<MethodInfo> {
        methods::find(method, &self.core.extensions)
    }

    /// The arguments of the tool that a `tools/call` names which are mirrored in headers.
    ///
    /// Empty when there is no such tool, or when the call will be refused for a reason that comes
    /// before its headers. The request keeps the catalog that was asked.
    pub fn header_params(&self, request: &mut Request) -> Arc<[HeaderParam]> {
        self.core.header_params(request)
    }

    /// How a request is to be run, from the operation that it names.
    pub(crate) fn plan(&self, request: &mut Request) -> Plan {
        self.core.plan(request)
    }

    /// A link for a call of the modern era, whose questions are answered by further requests.
    ///
    /// # Errors
    /// When the system gives no randomness for keys and none are configured.
    #[inline]
    pub fn link_with_rounds(&self) -> Result<Link, NoRandomness> {
        let keys = self.core.keys()?;
        let one_shot = self.core.settings.one_shot.clone();
        Ok(Link::with_rounds(Rounds::new(keys).with_one_shot(one_shot)))
    }

    /// Ends what the server does, for good: the graceful part of a shutdown.
    ///
    /// From this call on, polled or not, every new request is refused with 503 and `Retry-After`,
    /// by all clones of the server and in all of its mounts; answers to its own questions and
    /// cancellations are still taken. Whoever listens to changes is told that it is over:
    /// `subscriptions/listen` ends with its result, streams of sessions end.
    ///
    /// The future then waits for what runs: calls, those that go on without their client, and
    /// [work that must not stop half way](crate::Context::finish). Tasks that handlers have spawned
    /// are their own business. What still runs after `deadline`, counted from the first poll, is
    /// stopped wherever it waits, and its client is told that the server is shutting down. A
    /// handler that blocks its thread cannot be stopped, and is left after a second.
    ///
    /// It may be asked for any number of times; everybody is told the same. Dropping the future
    /// leaves the server closed to new work, with no deadline for the rest. It needs a tokio
    /// runtime with timers.
    ///
    /// What has been answered may still be on its way to its client, so let the HTTP server end
    /// gracefully after this, or at the same time:
    ///
    /// ```
    /// use mcp_core::Server;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = Server::builder("calculator", "1.0").build();
    /// let drained = server.shutdown(Duration::from_secs(25)).await;
    /// println!("{} calls finished, {} did not", drained.finished, drained.cancelled);
    /// # }
    /// ```
    pub fn shutdown(&self, deadline: Duration) -> impl Future<Output = Drained> + Send + use<> {
        let drain = self.core.drain.clone();
        drain.begin();
        self.core.hub.close();
        async move { drain.end(deadline).await }
    }

    /// What counts the work of the server.
    pub(crate) fn drain(&self) -> &Arc<Drain> {
        &self.core.drain
    }

    /// Starts to answer a request.
    pub(crate) fn respond(&self, request: Request) -> ServerFuture {
        match &self.layered {
            Some(route) => ServerFuture::route(route.start(request)),
            None => dispatch::dispatch(&self.core, request),
        }
    }

    /// The JSON-RPC response as bytes, in the terms of `revision`.
    pub fn encode(&self, response: Response, id: &RequestId, revision: Revision) -> Bytes {
        response.encode(id, revision, &self.core.identity).into()
    }

    /// A JSON-RPC error response as bytes. Without an id the member is left out.
    pub fn encode_error(error: &ErrorObject, id: Option<&RequestId>, revision: Revision) -> Bytes {
        encode_error(error.clone(), id, revision).into()
    }
}

impl Server {
    /// The keys that values are sealed with which come back from clients: the configured ones, or
    /// random ones that are made once.
    ///
    /// # Errors
    /// When the system gives no randomness for keys and none are configured.
    pub fn keys(&self) -> Result<KeyRing, NoRandomness> {
        self.core.keys()
    }

    /// Whether the keys were configured: then other replicas, or this one after a restart, may
    /// open what this one has sealed.
    pub fn has_shared_keys(&self) -> bool {
        self.core.settings.has_shared_keys
    }
}

impl Core {
    /// What a caller may see.
    fn access<'a>(&'a self, caller: Caller<'a>) -> access::Access<'a> {
        access::Access {
            filters: &self.settings.filters,
            policy: self.settings.scope_policy,
            caller,
        }
    }

    /// The configured keys, or random ones that are made once.
    fn keys(&self) -> Result<KeyRing, NoRandomness> {
        match self.keys.get() {
            Some(keys) => Ok(keys.clone()),
            None => {
                let random = KeyRing::random()?;
                Ok(self.keys.get_or_init(|| random).clone())
            }
        }
    }
}

impl Service<Request> for Server {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let work = Work::start(self, request);
        Box::pin(async move { Ok(work.await) })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("info", &self.core.info)
            .finish_non_exhaustive()
    }
}
