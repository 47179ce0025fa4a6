//! Every feature of the protocol behind one endpoint.
//!
//! ```sh
//! cargo run -p everything -- --bind 127.0.0.1:8080
//! ```
//!
//! As one of several replicas, which are told the same 32 random bytes (`openssl rand -hex 32`):
//!
//! ```sh
//! cargo run -p everything -- --bind 127.0.0.1:8080 --redis redis://127.0.0.1 --keys $KEYS
//! ```

mod arguments;

use arguments::Arguments;
use mcp_tower::{
    McpLayer, McpService, Replicas,
    bus::{BusError, RedisBus},
    serve,
};
use std::{env, io};
use tokio::net::TcpListener;
use tower::ServiceBuilder;

/// Joins the other replicas.
async fn join(redis: String) -> Result<Replicas, BusError> {
    Replicas::join(RedisBus::connect(redis).await?).await
}

/// Completes when the process is asked to stop.
async fn stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let arguments = Arguments::read(env::args().skip(1))
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let mut server = everything::server();
    if let Some(keys) = arguments.keys {
        server = server.keys(keys);
    }
    let server = server.build();
    let mut service = McpService::new(server.clone());
    if let Some(redis) = arguments.redis {
        service = service.replicas(&join(redis).await.map_err(io::Error::other)?);
    }
    let listener = TcpListener::bind(arguments.address).await?;
    #[allow(clippy::print_stdout)]
    {
        println!("listening on http://{}/mcp", listener.local_addr()?);
    }
    let app = ServiceBuilder::new()
        .layer(McpLayer::new(service))
        .service(serve::not_found());
    let drained = async move {
        stop().await;
        // Streams that only wait for changes would keep their connections open.
        server.close_listeners();
    };
    serve(listener, app).graceful(drained).await
}
