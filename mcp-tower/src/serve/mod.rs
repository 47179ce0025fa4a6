//! An HTTP server for applications that have none yet.
//!
//! It sets what is easily forgotten: `TCP_NODELAY`, limits on headers, connections and idle time,
//! both HTTP versions, and an end that lets running requests finish. Anything it does not do, an
//! application on hyper or axum can do around the same [`McpService`](crate::McpService).
//!
//! [`serve`](fn@serve) takes any service of HTTP requests, so MCP can be one layer of an
//! application; and any [`Listener`], so the connections can be TCP, a Unix socket, or TLS.

mod activity;
mod client;
mod connection;
mod io;
mod listener;
mod not_found;
mod options;
mod signal;

pub use listener::{Accepted, Listener};
pub use not_found::{NotFound, not_found};
pub use options::ServeOptions;
pub use signal::stop_requested;

use connection::{Connections, Ticket};
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use mcp_core::{BoxError, BoxFuture, Server};
use std::{
    fmt,
    future::{Future, IntoFuture, pending},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    task::{JoinError, JoinSet},
    time::timeout,
};
use tower_service::Service;

/// Serves every connection of a listener with clones of a service, over HTTP/1.1 and HTTP/2.
///
/// Nothing happens before the server is awaited, in a tokio runtime. It then runs one task per
/// connection, and on HTTP/2 one per request. A service that fails or panics ends its connection,
/// on HTTP/2 its request, and nothing else. Upgrades work, so WebSockets can be served beside MCP.
///
/// # Examples
///
/// ```no_run
/// use mcp_tower::{McpLayer, Server, mcp_tool, serve};
///
/// #[mcp_tool]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// #[tokio::main]
/// async fn main() -> std::io::Result<()> {
///     let server = Server::builder("calculator", "1.0").tool(add).build();
///     let app = tower::ServiceBuilder::new()
///         .layer(McpLayer::new(server))
///         .service(serve::not_found());
///     let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
///     serve(listener, app).await
/// }
/// ```
pub fn serve<L, S>(listener: L, service: S) -> Serve<L, S> {
    Serve {
        listener,
        service,
        options: ServeOptions::new(),
        signal: None,
        draining: Vec::new(),
    }
}

/// A server that runs when it is awaited. See [`serve`](fn@serve).
///
/// Without [`graceful`](Self::graceful) it runs until it is dropped. Dropping it, before or after
/// the signal, closes the listener and every connection at once. Upgraded connections belong to
/// whoever upgraded them; the server neither waits for them nor closes them.
///
/// # Errors
///
/// None today: what goes wrong ends a connection, or passes. The `Result` leaves room for
/// listeners that can fail for good.
#[must_use = "a server runs when it is awaited"]
pub struct Serve<L, S> {
    listener: L,
    service: S,
    options: ServeOptions,
    signal: Option<BoxFuture<'static, ()>>,
    draining: Vec<Server>,
}

impl<L, S> Serve<L, S> {
    /// Sets limits.
    ///
    /// ```
    /// use mcp_tower::serve::{ServeOptions, not_found, serve};
    ///
    /// # fn with(listener: tokio::net::TcpListener) {
    /// let server = serve(listener, not_found()).options(ServeOptions::new().connections(100));
    /// # }
    /// ```
    pub fn options(mut self, options: ServeOptions) -> Self {
        self.options = options;
        self
    }

    /// Ends when the future completes.
    ///
    /// The listener is closed, so new clients are refused. Idle connections are closed, others
    /// when their requests have been answered; clients on HTTP/2 are told to send no more. What
    /// runs after the [grace period](ServeOptions::grace), open event streams too, is cut off.
    ///
    /// ```no_run
    /// use mcp_tower::serve::{not_found, serve, stop_requested};
    ///
    /// # async fn run(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    /// // Or whatever else ends the application.
    /// let stopped = stop_requested();
    /// serve(listener, not_found()).graceful(stopped).await
    /// # }
    /// ```
    pub fn graceful(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.signal = Some(Box::pin(signal));
        self
    }

    /// [Shuts down](Server::shutdown) a server of the application after the signal of
    /// [`graceful`](Self::graceful), so that the streams of its clients end and calls that would
    /// outlive the grace period are answered. May be given several servers.
    ///
    /// ```no_run
    /// use mcp_tower::{McpLayer, Server, serve};
    ///
    /// # async fn run(listener: tokio::net::TcpListener, server: Server) -> std::io::Result<()> {
    /// # async fn signal() {}
    /// let app = tower::ServiceBuilder::new()
    ///     .layer(McpLayer::new(server.clone()))
    ///     .service(serve::not_found());
    /// serve(listener, app).graceful(signal()).draining(&server).await
    /// # }
    /// ```
    pub fn draining(mut self, server: &Server) -> Self {
        self.draining.push(server.clone());
        self
    }
}

impl<L, S, B> Serve<L, S>
where
    L: Listener,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    async fn run(mut self) {
        let mut signal = self.signal.unwrap_or_else(|| Box::pin(pending()));
        let grace = self.options.grace;
        let permits = self.options.connections.clamp(1, Semaphore::MAX_PERMITS);
        let permits = Arc::new(Semaphore::new(permits));
        let connections = Arc::new(Connections::new(self.options));
        let (stop, stopped) = watch::channel(());
        let mut tasks = JoinSet::new();
        loop {
            let accepted = async {
                let permit = permits.clone().acquire_owned().await.ok()?;
                Some((permit, listener::accept(&mut self.listener).await))
            };
            tokio::select! {
                () = &mut signal => break,
                Some(ended) = tasks.join_next() => log_panic(ended),
                Some((permit, handshake)) = accepted => {
                    let connections = connections.clone();
                    let service = self.service.clone();
                    let ticket = Ticket { permit, stop: stopped.clone() };
                    tasks.spawn(async move {
                        connections.serve(handshake, service, ticket).await;
                    });
                }
            }
        }
        drop(self.listener);
        drop(stop);
        let mut drains = JoinSet::new();
        for server in &self.draining {
            drains.spawn(server.shutdown(before_the_end(grace)));
        }
        let all = async {
            while let Some(ended) = tasks.join_next().await {
                log_panic(ended);
            }
            // Calls may go on without a connection.
            while let Some(drained) = drains.join_next().await {
                tracing::debug!(target: "mcp", ?drained, "a server was shut down");
            }
        };
        if timeout(grace, all).await.is_err() {
            tracing::warn!(target: "mcp", connections = tasks.len(), "cut off at shutdown");
            tasks.shutdown().await;
        }
    }
}

/// When calls are stopped, so that there is time to tell their clients.
fn before_the_end(grace: Duration) -> Duration {
    grace.saturating_sub((grace / 10).min(Duration::from_secs(1)))
}

/// The panic hook has told what happened; this tells that the server goes on.
fn log_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(target: "mcp", %error, "a connection was closed by a panic");
    }
}

impl<L, S, B> IntoFuture for Serve<L, S>
where
    L: Listener,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Output = std::io::Result<()>;
    type IntoFuture = BoxFuture<'static, std::io::Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.run().await;
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

#[cfg(test)]
mod tests;
