//! A gRPC service and MCP on one port, over HTTP/2 and HTTP/1.
//!
//! ```sh
//! cargo run -p tonic-mount
//! curl http://127.0.0.1:8080/mcp \
//!   -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \
//!   -H 'mcp-protocol-version: 2026-07-28' -H 'mcp-method: tools/call' -H 'mcp-name: mark' \
//!   -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
//!        "params": {"name": "mark", "arguments": {"serving": false}, "_meta": {
//!          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
//!          "io.modelcontextprotocol/clientCapabilities": {}}}}'
//! grpcurl -plaintext 127.0.0.1:8080 grpc.health.v1.Health/Check
//! ```
//!
//! With `--http2-prior-knowledge`, curl speaks HTTP/2 to the same path.

use mcp_tower::{McpLayer, Server, State, mcp_tool};
use std::error::Error;
use tokio::net::TcpListener;
use tonic::transport::{self, server::TcpIncoming};
use tonic_health::{ServingStatus, server::HealthReporter};

/// Mark the service as healthy or not, for all that ask over gRPC.
#[mcp_tool(idempotent)]
async fn mark(serving: bool, State(reporter): State<HealthReporter>) -> &'static str {
    let status = if serving {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    reporter.set_service_status("", status).await;
    "marked"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let server = Server::builder("health", env!("CARGO_PKG_VERSION"))
        .state(reporter)
        .tool(mark)
        .build();
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    #[allow(clippy::print_stdout)]
    {
        println!("listening on http://{}/mcp", listener.local_addr()?);
    }
    transport::Server::builder()
        // gRPC needs HTTP/2 only; most clients of MCP speak HTTP/1.
        .accept_http1(true)
        .layer(McpLayer::new(server))
        .add_service(health)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
        .await?;
    Ok(())
}
