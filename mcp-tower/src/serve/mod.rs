//! An HTTP server for applications that have none yet.
//!
//! It sets what is easily forgotten: `TCP_NODELAY`, limits on headers, connections and idle time,
//! both HTTP versions, and an end that lets running requests finish. Anything it does not do, an
//! application on hyper or axum can do around the same [`McpService`](crate::McpService).

mod connection;
mod listener;
mod options;

pub use listener::Listener;
pub use options::ServeOptions;

use bytes::Bytes;
use connection::Connections;
use http::{Request, Response};
use hyper::body::Incoming;
use mcp_core::{BoxError, BoxFuture};
use std::{
    fmt,
    future::{Future, IntoFuture},
    io,
};
use tower_service::Service;

/// Serves every connection of a listener with clones of a service.
///
/// ```no_run
/// use mcp_tower::{McpLayer, Server, mcp_tool, serve};
///
/// #[mcp_tool]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// # async fn run() -> std::io::Result<()> {
/// let server = Server::builder("calculator", "1.0").tool(add).build();
/// let app = tower::ServiceBuilder::new()
///     .layer(McpLayer::new(server))
///     .service(serve::not_found());
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// serve(listener, app).await
/// # }
/// ```
pub fn serve<L, S>(listener: L, service: S) -> Serve<L, S> {
    Serve {
        listener,
        service,
        options: ServeOptions::new(),
        signal: None,
    }
}

/// A server that runs when it is awaited. See [`serve`](fn@serve).
#[must_use = "a server runs when it is awaited"]
pub struct Serve<L, S> {
    listener: L,
    service: S,
    options: ServeOptions,
    signal: Option<BoxFuture<'static, ()>>,
}

impl<L, S> Serve<L, S> {
    /// Sets limits.
    pub fn options(mut self, options: ServeOptions) -> Self {
        self.options = options;
        self
    }

    /// Ends when the future completes: no connection is accepted any more, running requests
    /// finish, and what has not finished within the grace period is dropped.
    pub fn graceful(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.signal = Some(Box::pin(signal));
        self
    }
}

impl<L, S, B> IntoFuture for Serve<L, S>
where
    L: Listener,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = io::Result<()>;
    type IntoFuture = BoxFuture<'static, io::Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut listener = self.listener;
            let connections = Connections::new(self.options);
            let mut signal = self
                .signal
                .unwrap_or_else(|| Box::pin(std::future::pending()));
            loop {
                let accepted = async {
                    let permit = connections.permit().await;
                    (permit, listener.accept().await)
                };
                tokio::select! {
                    (permit, (io, peer)) = accepted => {
                        connections.spawn(io, peer, self.service.clone(), permit);
                    }
                    () = &mut signal => break,
                }
            }
            drop(listener);
            connections.finish().await;
            Ok(())
        })
    }
}

impl<L, S> fmt::Debug for Serve<L, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// An application without pages: 404 for everything. The inner service of a layer that is all
/// there is.
pub fn not_found() -> NotFound {
    NotFound(())
}

/// See [`not_found`].
#[derive(Clone, Copy, Debug)]
pub struct NotFound(());

impl<R> Service<Request<R>> for NotFound {
    type Response = Response<crate::Body>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<R>) -> Self::Future {
        std::future::ready(Ok(crate::reply::empty(http::StatusCode::NOT_FOUND)))
    }
}

#[cfg(test)]
mod tests;
