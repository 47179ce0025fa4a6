//! A notebook in forty lines.
//!
//! ```sh
//! cargo run -p notebook
//! ```

use mcp_tower::{
    Context, Json, McpService, Server, State, ToolError, mcp_prompt, mcp_resource, mcp_tool,
};
use std::sync::{Arc, Mutex};

type Notes = Arc<Mutex<Vec<String>>>;

/// Save a note; answer with how many there are.
#[mcp_tool(title = "Save note")]
async fn save(
    /// The note itself.
    text: String,
    tag: Option<String>,
    State(notes): State<Notes>,
    cx: Context,
) -> Result<Json<usize>, ToolError> {
    cx.progress(0.5).message("writing").await;
    let mut notes = notes.lock()?;
    notes.push(tag.map_or(text.clone(), |tag| format!("#{tag} {text}")));
    Ok(Json(notes.len()))
}

/// A note by its number, counted from one.
#[mcp_resource("notes://{number}", mime_type = "text/plain")]
async fn note(number: usize, State(notes): State<Notes>) -> Option<String> {
    notes.lock().ok()?.get(number.checked_sub(1)?).cloned()
}

/// Ask for a summary of a topic.
#[mcp_prompt]
async fn summarize(topic: String) -> String {
    format!("Summarize my notes about {topic}.")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let server = Server::builder("notebook", env!("CARGO_PKG_VERSION"))
        .state(Notes::default())
        .tool(save)
        .resource(note)
        .prompt(summarize)
        .build();
    let app = axum::Router::new().route_service("/mcp", McpService::new(server));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8080").await?, app).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_prompt_is_still_a_function() {
        assert_eq!(
            summarize("tea".into()).await,
            "Summarize my notes about tea."
        );
    }
}
