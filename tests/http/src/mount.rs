//! The three mounts, each on a port of its own.

use crate::Tenant;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use mcp_tower::{McpLayer, McpService, PeerAddr, Principal, Scopes, serve};
use std::{convert::Infallible, future::IntoFuture, net::SocketAddr};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::transport::server::{Server, TcpConnectInfo, TcpIncoming};
use tower::{BoxError, Service, ServiceBuilder, util::MapRequestLayer};

/// A mount that runs until it is dropped.
#[derive(Debug)]
pub struct Running {
    pub name: &'static str,
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// What an application puts around MCP: it knows the tenant, the caller, what the
/// caller may, and the peer.
pub fn outside<B>(mut request: Request<B>) -> Request<B> {
    let user = request.headers().get("x-user");
    let user = user.and_then(|user| user.to_str().ok());
    let principal = user.map(|user| Principal::new("https://login.example.com", user));
    let scopes = request.headers().get("x-scopes");
    let scopes = scopes.and_then(|scopes| Scopes::parse(scopes.to_str().ok()?).ok());
    let extensions = request.extensions_mut();
    extensions.insert(Tenant("acme"));
    if let Some(principal) = principal {
        extensions.insert(principal);
    }
    if let Some(scopes) = scopes {
        extensions.insert(scopes);
    }
    let axum = extensions.get::<ConnectInfo<SocketAddr>>();
    let tonic = extensions.get::<TcpConnectInfo>();
    let peer = axum
        .map(|info| info.0)
        .or_else(|| tonic.and_then(TcpConnectInfo::remote_addr));
    if let Some(peer) = peer {
        extensions.insert(PeerAddr(peer));
    }
    request
}

/// The same service in every mount.
pub async fn all(service: &McpService) -> [Running; 3] {
    [
        hyper(service.clone()).await,
        axum(service.clone()).await,
        tonic(service.clone()).await,
    ]
}

/// The framework's own HTTP server.
pub async fn hyper(service: McpService) -> Running {
    let app = ServiceBuilder::new()
        .layer(MapRequestLayer::new(outside::<_>))
        .layer(McpLayer::new(service))
        .service(serve::not_found());
    serve_hyper(app).await
}

/// Any service, on the framework's own HTTP server.
pub async fn serve_hyper<S, B>(app: S) -> Running
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (listener, address) = listen().await;
    let server = serve(listener, app).into_future();
    let task = tokio::spawn(async move { server.await.unwrap() });
    Running {
        name: "hyper",
        address,
        task,
    }
}

/// A layered axum router.
pub async fn axum(service: McpService) -> Running {
    let home = axum::routing::get(|| async { "home" });
    let router = axum::Router::new()
        .route("/", home)
        .layer(McpLayer::new(service))
        .layer(MapRequestLayer::new(outside::<_>));
    serve_axum(router).await
}

/// Any axum router.
pub async fn serve_axum(router: axum::Router) -> Running {
    let (listener, address) = listen().await;
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, app).into_future();
    let task = tokio::spawn(async move { server.await.unwrap() });
    Running {
        name: "axum",
        address,
        task,
    }
}

/// A tonic server with a gRPC service.
pub async fn tonic(service: McpService) -> Running {
    let (listener, address) = listen().await;
    let (_, health) = tonic_health::server::health_reporter();
    let server = Server::builder()
        .accept_http1(true)
        .layer(MapRequestLayer::new(outside::<_>))
        .layer(McpLayer::new(service))
        .add_service(health)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)));
    let task = tokio::spawn(async move { server.await.unwrap() });
    Running {
        name: "tonic",
        address,
        task,
    }
}
