//! Every feature of the protocol behind one endpoint.
//!
//! ```sh
//! cargo run -p everything -- --bind 127.0.0.1:8080
//! ```
//!
//! Over a Unix socket, which `curl --unix-socket everything.sock http://localhost/mcp` reaches:
//!
//! ```sh
//! cargo run -p everything -- --bind unix:everything.sock
//! ```
//!
//! On standard input and output, for clients that start it:
//!
//! ```sh
//! cargo run -p everything -- --stdio
//! ```
//!
//! As one of several replicas, which are told the same 32 random bytes (`openssl rand -hex 32`):
//!
//! ```sh
//! cargo run -p everything -- --bind 127.0.0.1:8080 --redis redis://127.0.0.1 --keys $KEYS
//! ```

mod arguments;

use arguments::{Arguments, Place};
use mcp_tower::{
    HttpSse, McpLayer, McpService, Replicas,
    bus::{BusError, RedisBus},
    serve::{self, Listener, serve, stop_requested},
    serve_stdio,
};
use std::{env, io};
use tokio::net::TcpListener;
use tower::ServiceBuilder;

/// Joins the other replicas.
async fn join(redis: String) -> Result<Replicas, BusError> {
    Replicas::join(RedisBus::connect(redis).await?).await
}

/// The endpoint, the one for clients of HTTP+SSE, and nothing beside them.
async fn serve_http<L: Listener>(
    listener: L,
    service: McpService,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = ServiceBuilder::new()
        .layer(McpLayer::new(service.clone()))
        .layer(McpLayer::new(service.http_sse(HttpSse::new())).path("/sse"))
        .service(serve::not_found());
    serve(listener, app).graceful(stopped).await
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
    if let Place::Stdio = arguments.place {
        return serve_stdio(server).graceful(stop_requested()).await;
    }
    let mut service = McpService::new(server.clone());
    if let Some(redis) = arguments.redis {
        service = service.replicas(&join(redis).await.map_err(io::Error::other)?);
    }
    let stop = stop_requested();
    let stopped = async move {
        stop.await;
        // Streams that only wait for changes would keep their connections open.
        server.close_listeners();
    };
    match arguments.place {
        Place::Stdio => Ok(()),
        Place::Address(address) => {
            let listener = TcpListener::bind(address).await?;
            say(&format!("http://{}/mcp", listener.local_addr()?));
            serve_http(listener, service, stopped).await
        }
        #[cfg(unix)]
        Place::UnixSocket(path) => {
            let listener = tokio::net::UnixListener::bind(&path)?;
            say(&format!("unix:{}", path.display()));
            let served = serve_http(listener, service, stopped).await;
            std::fs::remove_file(path)?;
            served
        }
        #[cfg(not(unix))]
        Place::UnixSocket(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

#[expect(clippy::print_stdout, reason = "for whoever has started the program")]
fn say(place: &str) {
    println!("listening on {place}");
}
