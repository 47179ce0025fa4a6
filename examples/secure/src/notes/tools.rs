//! The tools.

use super::{Notes, store::Note};
use mcp_tower::{
    Context, Elicited, Extension, Json, ServerHandle, State, ToolError, auth::Identity, mcp_tool,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::sleep;

/// A note without its text.
#[derive(Serialize, JsonSchema)]
pub(super) struct Summary {
    id: String,
    title: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Summaries {
    notes: Vec<Summary>,
}

/// List your notes.
#[mcp_tool(read_only, open_world = false, scopes("notes:read"))]
pub(super) async fn notes_list(State(notes): State<Notes>, cx: Context) -> Json<Summaries> {
    let notes = notes.list(cx.principal()).into_iter();
    let summary = |Note { id, title, .. }| Summary { id, title };
    Json(Summaries {
        notes: notes.map(summary).collect(),
    })
}

/// Read one of your notes.
#[mcp_tool(read_only, open_world = false, scopes("notes:read"))]
pub(super) async fn notes_read(
    /// The note's id, as `notes_list` tells it.
    id: String,
    State(notes): State<Notes>,
    cx: Context,
) -> Result<Json<Note>, ToolError> {
    let note = notes.read(cx.principal(), &id);
    note.map(Json)
        .ok_or_else(|| ToolError::new("you have no note with this id"))
}

/// Write a note: a new one, or over one of yours.
#[mcp_tool(open_world = false, scopes("notes:write"))]
pub(super) async fn notes_write(
    #[schemars(length(min = 1, max = 200))] title: String,
    #[schemars(length(max = 16_384))] text: String,
    /// The note to write over.
    id: Option<String>,
    State(notes): State<Notes>,
    server: ServerHandle,
    cx: Context,
) -> Result<Json<Note>, ToolError> {
    let note = notes.write(cx.principal(), id, title, text)?;
    server.resource_updated(&uri(&note.id));
    Ok(Json(note))
}

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    /// Whether everything is to go.
    confirm: bool,
}

/// Remove the notes of everybody, after a person has confirmed it.
#[mcp_tool(open_world = false, scopes("admin"))]
pub(super) async fn notes_purge(
    State(notes): State<Notes>,
    server: ServerHandle,
    cx: Context,
) -> Result<String, ToolError> {
    let question = "Remove the notes of everybody, for good?";
    let answer = cx
        .elicit::<Confirmation>("purge", question)
        .outcome()
        .await?;
    if !matches!(answer, Elicited::Accepted(Confirmation { confirm: true })) {
        return Ok("Nothing was removed.".to_owned());
    }
    let removed = notes.purge();
    for id in &removed {
        server.resource_updated(&uri(id));
    }
    Ok(format!("{} notes were removed.", removed.len()))
}

fn uri(id: &str) -> String {
    format!("notes://{id}")
}

/// Count slowly, and report every number on the way.
#[mcp_tool(read_only, open_world = false)]
pub(super) async fn slow_count(
    /// The last number.
    #[schemars(range(min = 1, max = 1_000))]
    to: u32,
    /// Milliseconds between numbers.
    #[serde(default = "hundred")]
    #[schemars(range(max = 10_000))]
    pause: u64,
    cx: Context,
) -> String {
    for number in 1..=to {
        cx.progress(f64::from(number))
            .total(f64::from(to))
            .message(number.to_string())
            .await;
        sleep(Duration::from_millis(pause)).await;
    }
    format!("Counted to {to}.")
}

fn hundred() -> u64 {
    100
}

/// Who a caller is, and what it may do.
#[derive(Serialize, JsonSchema)]
pub(super) struct Caller {
    issuer: Option<String>,
    subject: Option<String>,
    /// The program that acts for the subject.
    client: Option<String>,
    scopes: String,
}

/// Tell who is calling.
#[mcp_tool(read_only, open_world = false)]
pub(super) async fn whoami(Extension(identity): Extension<Identity>) -> Json<Caller> {
    let principal = identity.principal();
    let client = identity
        .claim("client_id")
        .and_then(|client| client.as_str());
    Json(Caller {
        issuer: principal.issuer().map(str::to_owned),
        subject: principal.subject().map(str::to_owned),
        client: client.map(str::to_owned),
        scopes: identity.scopes().to_string(),
    })
}
