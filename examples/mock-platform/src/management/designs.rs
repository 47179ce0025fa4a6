//! Tools for servers as a whole.

use super::{told, told_of};
use crate::{
    admin::Summary,
    design::{ServerDesign, Status},
    platform::Platform,
};
use mcp_tower::{Json, State, ToolError, mcp_tool};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

#[derive(Serialize, JsonSchema)]
pub(super) struct Servers {
    servers: Vec<Summary>,
}

pub(super) type Answer = Result<Json<Summary>, ToolError>;

/// What has come of a change.
pub(super) fn changed(design: Result<Arc<ServerDesign>, ToolError>) -> Answer {
    design.map(|design| Json(Summary::from(&*design)))
}

/// List all mocked MCP servers, with their ids and the paths of their endpoints.
#[mcp_tool(read_only, open_world = false)]
pub(super) async fn list_mcp_servers(State(platform): State<Platform>) -> Json<Servers> {
    let servers = platform.servers();
    Json(Servers {
        servers: servers
            .iter()
            .map(|design| Summary::from(&**design))
            .collect(),
    })
}

/// Read the whole design of a mocked MCP server. Of its `auth`, only the type is shown.
#[mcp_tool(read_only, open_world = false)]
pub(super) async fn get_mcp_server(
    id: String,
    State(platform): State<Platform>,
) -> Result<Json<Map<String, Value>>, ToolError> {
    let design = platform.server(&id).ok_or_else(|| platform.missing(&id));
    let mut document = design.map_err(told_of(&id))?.document.clone();
    // What a model reads goes to places that digests of secrets have no business in.
    if let Some(auth) = document.get_mut("auth").and_then(Value::as_object_mut) {
        auth.retain(|name, _| name == "type");
    }
    match document {
        Value::Object(members) => Ok(Json(members)),
        _ => Err(ToolError::new("the design is no object")),
    }
}

/// Create a mocked MCP server. It is a draft unless its design says otherwise.
#[mcp_tool(destructive = false, open_world = false)]
pub(super) async fn create_mcp_server(
    /// The design: `name`, `version`, and optionally `id`, `description`, `status`, `tools`,
    /// `resources`, `prompts`.
    design: Map<String, Value>,
    State(platform): State<Platform>,
) -> Answer {
    changed(platform.create(design.into()).await.map_err(told))
}

/// Change parts of the design of a mocked MCP server.
#[mcp_tool(open_world = false)]
pub(super) async fn update_mcp_server(
    id: String,
    /// A JSON Merge Patch (RFC 7386): members take the place of those in the design, and null
    /// removes them.
    patch: Map<String, Value>,
    State(platform): State<Platform>,
) -> Answer {
    let updated = platform.patch(&id, &patch.into()).await;
    changed(updated.map_err(told_of(&id)))
}

/// Remove a mocked MCP server for good.
#[mcp_tool(open_world = false)]
pub(super) async fn delete_mcp_server(
    id: String,
    State(platform): State<Platform>,
) -> Result<String, ToolError> {
    platform.delete(&id).await.map_err(told_of(&id))?;
    Ok(format!("{id} was removed"))
}

/// Publish a mocked MCP server: from then on it can be called.
#[mcp_tool(destructive = false, idempotent, open_world = false)]
pub(super) async fn publish_mcp_server(id: String, State(platform): State<Platform>) -> Answer {
    let published = platform.set_status(&id, Status::Published).await;
    changed(published.map_err(told_of(&id)))
}

/// Make a draft of a mocked MCP server from an OpenAPI 3.x document: a tool for each operation.
#[mcp_tool(destructive = false, open_world = false)]
pub(super) async fn import_from_openapi(
    /// The OpenAPI document.
    document: Map<String, Value>,
    State(platform): State<Platform>,
) -> Answer {
    let imported = platform.import_openapi(document.into()).await;
    changed(imported.map_err(told))
}
