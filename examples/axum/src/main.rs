//! An axum application with state and routes of its own, and MCP on one path.
//!
//! ```sh
//! cargo run -p axum-mount
//! curl http://127.0.0.1:8080/books
//! curl http://127.0.0.1:8080/mcp \
//!   -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \
//!   -H 'mcp-protocol-version: 2026-07-28' -H 'mcp-method: tools/call' -H 'mcp-name: lend' \
//!   -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
//!        "params": {"name": "lend", "arguments": {"title": "Emma"}, "_meta": {
//!          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
//!          "io.modelcontextprotocol/clientCapabilities": {}}}}'
//! ```

use axum::{Json, Router, extract, routing::get};
use mcp_tower::{McpLayer, McpService, Server, State, ToolError, mcp_tool};
use std::{
    io,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

/// What the pages and the tools share.
#[derive(Clone)]
struct Library {
    books: Arc<Mutex<Vec<String>>>,
}

/// Take a book off the shelf.
#[mcp_tool(destructive)]
async fn lend(
    /// The whole title.
    title: String,
    State(library): State<Library>,
) -> Result<String, ToolError> {
    let mut books = library.books.lock()?;
    let place = books.iter().position(|book| *book == title);
    let place = place.ok_or_else(|| ToolError::new("there is no such book on the shelf"))?;
    Ok(format!("lent: {}", books.remove(place)))
}

async fn books(extract::State(library): extract::State<Library>) -> Json<Vec<String>> {
    let books = library.books.lock();
    Json(books.map(|books| books.clone()).unwrap_or_default())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let library = Library {
        books: Arc::new(Mutex::new(vec!["Emma".to_owned(), "Persuasion".to_owned()])),
    };
    let server = Server::builder("library", env!("CARGO_PKG_VERSION"))
        .state(library.clone())
        .tool(lend)
        .build();
    let app = Router::new()
        .route("/", get(|| async { "a small library" }))
        .route("/books", get(books))
        .with_state(library)
        // As a route of its own, for those who like to see all routes at one place…
        .route_service("/assistant", McpService::new(server.clone()))
        // …or as a layer around any application that is there already.
        .layer(McpLayer::new(server));
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    #[allow(clippy::print_stdout)]
    {
        println!("listening on http://{}/mcp", listener.local_addr()?);
    }
    axum::serve(listener, app).await
}
