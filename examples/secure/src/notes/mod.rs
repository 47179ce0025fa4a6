//! What the server is for: notes that callers keep, each their own.

mod store;
mod tools;

pub(crate) use store::Notes;

use mcp_tower::{
    Context, RequestError, State, core::ServerBuilder, mcp_prompt, mcp_resource,
    rate_limit::RateLimitLayer,
};
use std::time::Duration;

/// How long a call may take.
const CALL: Duration = Duration::from_secs(60);

/// A note of the caller.
#[mcp_resource(
    "notes://{id}",
    title = "Note",
    mime_type = "text/plain",
    scopes("notes:read")
)]
async fn note(id: String, State(notes): State<Notes>, cx: Context) -> Option<String> {
    Some(notes.read(cx.principal(), &id)?.text)
}

/// Ask for a summary of a note.
#[mcp_prompt(scopes("notes:read"))]
async fn summarise_note(
    /// The note's id.
    id: String,
    State(notes): State<Notes>,
    cx: Context,
) -> Result<String, RequestError> {
    let note = notes.read(cx.principal(), &id);
    let note = note.ok_or_else(|| RequestError::invalid_params("you have no note with this id"))?;
    Ok(format!(
        "Summarise this note in one sentence.\n\n# {}\n\n{}",
        note.title, note.text
    ))
}

/// The server's catalog, with limits around what writes.
pub(crate) fn server(writes: RateLimitLayer) -> ServerBuilder<Notes> {
    mcp_tower::Server::builder("secure", env!("CARGO_PKG_VERSION"))
        .title("Notes")
        .instructions("Keeps notes, each readable by who wrote it alone.")
        .timeout(CALL)
        .state(Notes::default())
        .tool(tools::notes_list)
        .tool(tools::notes_read)
        .tool_with(tools::notes_write, writes)
        .tool(tools::notes_purge)
        .tool(tools::slow_count)
        .tool(tools::whoami)
        .resource(note)
        .prompt(summarise_note)
}
