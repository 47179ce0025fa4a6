//! The smallest HTTP server: one tool on one path.
//!
//! ```sh
//! cargo run -p hyper-mount
//! curl http://127.0.0.1:8080/mcp \
//!   -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \
//!   -H 'mcp-protocol-version: 2026-07-28' -H 'mcp-method: tools/call' -H 'mcp-name: add' \
//!   -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
//!        "params": {"name": "add", "arguments": {"a": 2, "b": 3}, "_meta": {
//!          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
//!          "io.modelcontextprotocol/clientCapabilities": {}}}}'
//! ```

use mcp_tower::{McpLayer, Server, ToolError, mcp_tool, serve};
use std::io;
use tokio::net::TcpListener;
use tower::ServiceBuilder;

/// Add two integers.
#[mcp_tool(read_only)]
async fn add(a: i64, b: i64) -> Result<i64, ToolError> {
    a.checked_add(b)
        .ok_or_else(|| ToolError::new("the sum does not fit into 64 bits"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = Server::builder("calculator", env!("CARGO_PKG_VERSION"))
        .tool(add)
        .build();
    let app = ServiceBuilder::new()
        .layer(McpLayer::new(server))
        .service(serve::not_found());
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    #[allow(clippy::print_stdout)]
    {
        println!("listening on http://{}/mcp", listener.local_addr()?);
    }
    serve(listener, app).await
}
