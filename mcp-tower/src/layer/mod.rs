//! The mount as a layer: one path is MCP, all else goes through.

mod body;
mod future;
mod service;

pub use body::LayerBody;
pub use future::LayerFuture;
pub use service::McpLayerService;

use crate::service::McpService;
use std::sync::Arc;
use tower_layer::Layer;

/// A layer that answers one path as an MCP endpoint and passes everything else to the inner
/// service, untouched.
///
/// ```
/// use mcp_tower::{McpLayer, Server};
///
/// # let server = Server::builder("s", "1").build();
/// let app: axum::Router = axum::Router::new()
///     .route("/", axum::routing::get(|| async { "home" }))
///     .layer(McpLayer::new(server).path("/mcp"));
/// ```
///
/// With options, give it a configured service instead of a server:
///
/// ```
/// use mcp_tower::{AllowedHosts, McpLayer, McpService, Server};
///
/// # let server = Server::builder("s", "1").build();
/// let hosts = AllowedHosts::new().allow_host("mcp.example.com");
/// let layer = McpLayer::new(McpService::new(server).allowed_hosts(hosts));
/// ```
///
/// Where the service has an `Auth`, the layer answers for the document about the endpoint too. It asks no
/// resolver whether there is one, so documents about [resolved](crate::Resolve) servers are left to the
/// inner service: a route there, to a clone of the same `McpService`, answers them.
#[derive(Clone, Debug)]
pub struct McpLayer {
    mcp: McpService,
    path: Arc<str>,
}

impl McpLayer {
    /// A layer that serves `/mcp`.
    pub fn new(mcp: impl Into<McpService>) -> Self {
        Self {
            mcp: mcp.into(),
            path: "/mcp".into(),
        }
    }

    /// Serves another path. It is compared as a whole with the path that reaches the layer; inside
    /// a nested router that is what is left of it.
    ///
    /// Of a router that is nested into another, axum keeps the routes and a fallback of its own, and
    /// no path beside them reaches its layers: give it a fallback, or use `nest_service`.
    #[must_use]
    pub fn path(mut self, path: impl Into<Arc<str>>) -> Self {
        self.path = path.into();
        self
    }
}

impl<S> Layer<S> for McpLayer {
    type Service = McpLayerService<S>;

    fn layer(&self, inner: S) -> McpLayerService<S> {
        McpLayerService::new(inner, self.mcp.clone(), self.path.clone())
    }
}
