//! An axum application with a login, pages and state of its own, and MCP on one path. The login is
//! a layer around everything; the user it finds reaches pages, tools, prompts and resources alike.
//!
//! ```sh
//! cargo run -p axum-auth
//! curl -u ada:analytical http://127.0.0.1:8080/books
//! curl -u jane:persuasion http://127.0.0.1:8080/mcp \
//!   -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \
//!   -H 'mcp-protocol-version: 2026-07-28' -H 'mcp-method: tools/call' -H 'mcp-name: borrow' \
//!   -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
//!        "params": {"name": "borrow", "arguments": {"title": "Emma"}, "_meta": {
//!          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
//!          "io.modelcontextprotocol/clientCapabilities": {}}}}'
//! ```

mod login;

use axum::{Router, extract, middleware, routing::get};
use login::{Role, User, Users};
use mcp_tower::{
    Extension, Json, McpService, Server, State, ToolError, mcp_prompt, mcp_resource, mcp_tool,
};
use serde::Serialize;
use std::{
    env, io,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

/// What the pages and the tools share.
type Library = Arc<Mutex<Vec<Book>>>;

#[derive(Clone, Serialize)]
struct Book {
    title: String,
    /// Who has it.
    borrower: Option<&'static str>,
}

impl Book {
    fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            borrower: None,
        }
    }
}

/// Borrow a book, in the name of whoever asks.
#[mcp_tool]
async fn borrow(
    /// The whole title.
    title: String,
    State(library): State<Library>,
    Extension(user): Extension<User>,
) -> Result<String, ToolError> {
    let mut books = library.lock()?;
    let book = books.iter_mut().find(|book| book.title == title);
    let book = book.ok_or_else(|| ToolError::new("there is no such book"))?;
    if book.borrower.is_some_and(|borrower| borrower != user.name) {
        return Err(ToolError::new("somebody else has it"));
    }
    book.borrower = Some(user.name);
    Ok(format!("{} has {title}", user.name))
}

/// Put a new book on the shelf. Librarians only.
#[mcp_tool]
async fn acquire(
    title: String,
    State(library): State<Library>,
    Extension(user): Extension<User>,
) -> Result<&'static str, ToolError> {
    if user.role != Role::Librarian {
        return Err(ToolError::new("only librarians may do this"));
    }
    library.lock()?.push(Book::new(&title));
    Ok("on the shelf")
}

/// The books that whoever asks has borrowed.
#[mcp_resource("loans://mine", mime_type = "application/json")]
async fn loans(
    State(library): State<Library>,
    Extension(user): Extension<User>,
) -> Option<Json<Vec<Book>>> {
    let books = library.lock().ok()?;
    let mine = books.iter().filter(|book| book.borrower == Some(user.name));
    Some(Json(mine.cloned().collect()))
}

/// Ask for something to read next.
#[mcp_prompt]
async fn recommend(Extension(user): Extension<User>) -> String {
    format!(
        "Recommend a book to {} by what loans://mine says.",
        user.name
    )
}

async fn books(extract::State(library): extract::State<Library>) -> axum::Json<Vec<Book>> {
    let books = library.lock();
    axum::Json(books.map(|books| books.clone()).unwrap_or_default())
}

async fn home(extract::Extension(user): extract::Extension<User>) -> String {
    format!("a small library, open to {}\n", user.name)
}

fn application() -> Router {
    let library = Library::new(Mutex::new(vec![Book::new("Emma"), Book::new("Persuasion")]));
    let server = Server::builder("library", env!("CARGO_PKG_VERSION"))
        .state(library.clone())
        .tool(borrow)
        .tool(acquire)
        .resource(loans)
        .prompt(recommend)
        .build();
    Router::new()
        .route("/", get(home))
        .route("/books", get(books))
        .with_state(library)
        .route_service("/mcp", McpService::new(server))
        // The login that was there before, now around MCP too.
        .layer(middleware::from_fn_with_state(
            Users::new(),
            login::required,
        ))
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    #[allow(clippy::print_stdout)]
    {
        println!("listening on http://{}/mcp", listener.local_addr()?);
    }
    axum::serve(listener, application()).await
}
