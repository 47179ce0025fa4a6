//! Tools for what a server holds.

use super::{
    designs::{Answer, changed},
    told_of,
};
use crate::platform::{Platform, PlatformError};
use mcp_tower::{Json, State, ToolError, mcp_tool};
use serde_json::{Map, Value};

/// How many names are told of tools that are there.
const MAX_NAMES: usize = 20;

/// Add a tool to a mocked MCP server.
#[mcp_tool(destructive = false, open_world = false)]
pub(super) async fn add_tool(
    /// The id of the server.
    server: String,
    /// The tool: `name`, and optionally `description`, `inputSchema`, `scenarios`, `default`.
    tool: Map<String, Value>,
    State(platform): State<Platform>,
) -> Answer {
    add(&platform, &server, "tools", tool).await
}

/// Add a resource, or a template of resources, to a mocked MCP server.
#[mcp_tool(destructive = false, open_world = false)]
pub(super) async fn add_resource(
    /// The id of the server.
    server: String,
    /// The resource: `uri`, `name`, one of `text`, `json` and `blob`, and optionally
    /// `description`, `mimeType`.
    resource: Map<String, Value>,
    State(platform): State<Platform>,
) -> Answer {
    add(&platform, &server, "resources", resource).await
}

/// Add a prompt to a mocked MCP server.
#[mcp_tool(destructive = false, open_world = false)]
pub(super) async fn add_prompt(
    /// The id of the server.
    server: String,
    /// The prompt: `name`, `messages` of `role` and `text`, and optionally `description`,
    /// `arguments`.
    prompt: Map<String, Value>,
    State(platform): State<Platform>,
) -> Answer {
    add(&platform, &server, "prompts", prompt).await
}

/// Add a scenario to a tool of a mocked MCP server. The first scenario that fits a call answers it.
#[mcp_tool(destructive = false, open_world = false)]
pub(super) async fn add_scenario(
    /// The id of the server.
    server: String,
    /// The name of the tool.
    tool: String,
    /// The scenario: `condition` (`field`, `operator`, `value`), and one of `response`, `content`,
    /// `sequence` and `error`.
    scenario: Map<String, Value>,
    /// How many of the scenarios that are there stay in front of it; all of them without it.
    position: Option<usize>,
    State(platform): State<Platform>,
) -> Answer {
    let edited = platform.edit(&server, |document| {
        let tools = list(document, "tools")?;
        let Some(place) = tools.iter().position(|known| known["name"] == *tool) else {
            let names = tools.iter().filter_map(|known| known["name"].as_str());
            return Err(PlatformError::Conflict(no_tool(&server, &tool, names)));
        };
        let scenarios = list(&mut tools[place], "scenarios")?;
        let position = position.map_or(scenarios.len(), |wanted| wanted.min(scenarios.len()));
        scenarios.insert(position, scenario.into());
        Ok(())
    });
    changed(edited.await.map_err(told_of(&server)))
}

/// Try a tool of a mocked MCP server, published or not: what it would answer, and why. It is no
/// call: nothing is counted or logged.
#[mcp_tool(read_only, open_world = false)]
pub(super) async fn test_tool(
    /// The id of the server.
    server: String,
    /// The name of the tool.
    tool: String,
    arguments: Option<Map<String, Value>>,
    State(platform): State<Platform>,
) -> Result<Json<Value>, ToolError> {
    let arguments = arguments.unwrap_or_default().into();
    let design = platform.server(&server).ok_or(PlatformError::NotFound);
    let design = design.map_err(told_of(&server))?;
    let Ok(report) = platform.test(&server, &tool, &arguments) else {
        let names = design.tools.iter().map(|known| known.name.as_str());
        return Err(ToolError::new(no_tool(&server, &tool, names)));
    };
    let report = serde_json::to_value(report);
    report.map(Json).map_err(ToolError::from)
}

fn no_tool<'a>(server: &str, tool: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut told = format!("the server `{server}` has no tool `{tool}`");
    for (index, name) in names.take(MAX_NAMES).enumerate() {
        let link = if index == 0 { "; it has " } else { ", " };
        told.extend([link, "`", name, "`"]);
    }
    told
}

async fn add(
    platform: &Platform,
    server: &str,
    kind: &'static str,
    item: Map<String, Value>,
) -> Answer {
    let edited = platform.edit(server, |document| {
        list(document, kind)?.push(item.into());
        Ok(())
    });
    changed(edited.await.map_err(told_of(server)))
}

/// A list of a document, which is made if it is not there.
fn list<'a>(
    parent: &'a mut Value,
    name: &'static str,
) -> Result<&'a mut Vec<Value>, PlatformError> {
    let members = parent.as_object_mut();
    let list = members.map(|members| {
        members
            .entry(name)
            .or_insert_with(|| Vec::<Value>::new().into())
    });
    let list = list.and_then(Value::as_array_mut);
    list.ok_or_else(|| PlatformError::Conflict(format!("`{name}` of the design is no list")))
}
