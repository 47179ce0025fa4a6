//! A gRPC service and MCP on one port, over HTTP/2 and HTTP/1, with one state and one layer that
//! knows the callers of both.
//!
//! ```sh
//! cargo run -p tonic-both
//! curl http://127.0.0.1:8080/mcp -H 'authorization: Bearer token-of-ada' \
//!   -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \
//!   -H 'mcp-protocol-version: 2026-07-28' -H 'mcp-method: tools/call' -H 'mcp-name: mark' \
//!   -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
//!        "params": {"name": "mark", "arguments": {"serving": false}, "_meta": {
//!          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
//!          "io.modelcontextprotocol/clientCapabilities": {}}}}'
//! ```
//!
//! `grpc.health.v1.Health/Check` then tells any gRPC client with a token that it is not serving.
//! With `--http2-prior-knowledge`, curl speaks HTTP/2 to the same path.

mod auth;

use auth::{AuthLayer, User};
use mcp_tower::{Extension, McpLayer, Server, State, mcp_tool};
use std::{env, error::Error};
use tokio::net::TcpListener;
use tonic::transport::{self, server::TcpIncoming};
use tonic_health::{ServingStatus, server::HealthReporter};

/// Mark the service as healthy or not, for all that ask over gRPC.
#[mcp_tool(idempotent)]
async fn mark(
    serving: bool,
    State(reporter): State<HealthReporter>,
    Extension(user): Extension<User>,
) -> String {
    let status = if serving {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    reporter.set_service_status("", status).await;
    format!("marked by {}", user.0)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let server = Server::builder("health", env!("CARGO_PKG_VERSION"))
        .state(reporter)
        .tool(mark)
        .build();
    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    #[allow(clippy::print_stdout)]
    {
        println!("listening on http://{}/mcp", listener.local_addr()?);
    }
    transport::Server::builder()
        // gRPC needs HTTP/2 only; most clients of MCP speak HTTP/1.
        .accept_http1(true)
        // Outermost: around both.
        .layer(AuthLayer::new())
        .layer(McpLayer::new(server))
        .add_service(health)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
        .await?;
    Ok(())
}
