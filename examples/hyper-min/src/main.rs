//! The smallest HTTP server: hyper, one tool on one path, no framework.
//!
//! ```sh
//! cargo run -p hyper-min
//! curl http://127.0.0.1:8080/mcp \
//!   -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \
//!   -H 'mcp-protocol-version: 2026-07-28' -H 'mcp-method: tools/call' -H 'mcp-name: add' \
//!   -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
//!        "params": {"name": "add", "arguments": {"a": 2, "b": 3}, "_meta": {
//!          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
//!          "io.modelcontextprotocol/clientCapabilities": {}}}}'
//! ```
//!
//! `mcp_tower::serve` is the same with HTTP/2, limits and a graceful end: see `everything`.

use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use mcp_tower::{Body, McpService, PeerAddr, Server, ToolError, mcp_tool};
use std::{convert::Infallible, env, io, net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

/// Add two integers.
#[mcp_tool(read_only)]
async fn add(a: i64, b: i64) -> Result<i64, ToolError> {
    a.checked_add(b)
        .ok_or_else(|| ToolError::new("the sum does not fit into 64 bits"))
}

/// MCP on one path, and nothing on all others.
async fn answer(
    mut mcp: McpService,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    if request.uri().path() != "/mcp" {
        let mut response =
            Response::new(Body::from(hyper::body::Bytes::from_static(b"not here\n")));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    }
    // What is put here reaches the tools.
    request.extensions_mut().insert(PeerAddr(peer));
    mcp.call(request).await
}

async fn serve(mcp: McpService, stream: TcpStream, peer: SocketAddr) -> hyper::Result<()> {
    // Otherwise answers in two pieces wait for the client's next word.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request| answer(mcp.clone(), peer, request));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .serve_connection(TokioIo::new(stream), service)
        .await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = Server::builder("calculator", env!("CARGO_PKG_VERSION"))
        .tool(add)
        .build();
    let mcp = McpService::new(server);
    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    #[allow(clippy::print_stdout)]
    {
        println!("listening on http://{}/mcp", listener.local_addr()?);
    }
    loop {
        match listener.accept().await {
            // A client that goes away in mid-request is no news.
            Ok((stream, peer)) => drop(tokio::spawn(serve(mcp.clone(), stream, peer))),
            // No more descriptors, say: that passes when others go away.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
