//! The management server: the platform, for clients that speak MCP.
//!
//! It is mounted at `/api/platform-mcp/mcp`, behind the key of administrators. There is no
//! `import_from_url` yet: a tool that is offered works.

mod designs;
mod items;

use crate::platform::{Platform, PlatformError};
use mcp_tower::{McpService, Server, ToolError};

/// The server, ready to be mounted.
pub(crate) fn service(platform: Platform) -> McpService {
    let server = Server::builder("mock-platform", env!("CARGO_PKG_VERSION"))
        .state(platform)
        .tool(designs::list_mcp_servers)
        .tool(designs::get_mcp_server)
        .tool(designs::create_mcp_server)
        .tool(designs::update_mcp_server)
        .tool(designs::delete_mcp_server)
        .tool(designs::publish_mcp_server)
        .tool(designs::import_from_openapi)
        .tool(items::add_tool)
        .tool(items::add_scenario)
        .tool(items::add_resource)
        .tool(items::add_prompt)
        .tool(items::test_tool)
        .build();
    McpService::new(server).without_sessions()
}

/// Faults of a design are told with their paths, so that a model can mend them.
fn told(error: PlatformError) -> ToolError {
    ToolError::new(error.told())
}

/// As [`told`], of what was done to the server with this id.
fn told_of(id: &str) -> impl FnOnce(PlatformError) -> ToolError {
    move |error| match error {
        PlatformError::NotFound => ToolError::new(format!(
            "there is no server with the id `{id}`; `list_mcp_servers` tells which there are"
        )),
        other => told(other),
    }
}
