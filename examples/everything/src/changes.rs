//! Tools that change the server, and tell the client what they do.

use mcp_tower::{
    CatalogUpdate, Context, Entry, LogLevel, PromptMessage, RequestError, ServerHandle, ToolError,
    ToolResult, mcp_tool,
    protocol::{Prompt, PromptResult, Tool},
};
use std::time::Duration;
use tokio::time::sleep;

const EXTRA_TOOL: &str = "test_extra_tool";
const EXTRA_PROMPT: &str = "test_extra_prompt";

/// Add a harmless tool to the server, or remove it again.
#[mcp_tool]
pub(crate) async fn test_trigger_tool_change(
    server: ServerHandle,
) -> Result<&'static str, ToolError> {
    server.update(|catalog: &mut CatalogUpdate| {
        if !catalog.remove_tool(EXTRA_TOOL) {
            let tool = Tool::new(EXTRA_TOOL).with_description("Comes and goes.");
            catalog.add(Entry::tool(tool, |_, _| async {
                Ok::<_, ToolError>(ToolResult::text("I am here now."))
            }));
        }
    })?;
    Ok("The list of tools has changed.")
}

/// Add a harmless prompt to the server, or remove it again.
#[mcp_tool]
pub(crate) async fn test_trigger_prompt_change(
    server: ServerHandle,
) -> Result<&'static str, ToolError> {
    server.update(|catalog: &mut CatalogUpdate| {
        if !catalog.remove_prompt(EXTRA_PROMPT) {
            let prompt = Prompt::new(EXTRA_PROMPT).with_description("Comes and goes.");
            catalog.add(Entry::prompt(prompt, |_, _| async {
                Ok::<_, RequestError>(PromptResult::new([PromptMessage::user("I am here now.")]))
            }));
        }
    })?;
    Ok("The list of prompts has changed.")
}

/// Tell subscribers that the watched resource has changed.
#[mcp_tool]
pub(crate) async fn test_trigger_resource_update(server: ServerHandle) -> &'static str {
    server.resource_updated("test://watched-resource");
    "Subscribers of test://watched-resource have been told."
}

/// Send three log messages while running.
#[mcp_tool]
pub(crate) async fn test_tool_with_logging(cx: Context) -> &'static str {
    log_three(&cx).await;
    "Tool with logging executed successfully"
}

/// Send log messages, when the request asks for them.
#[mcp_tool]
pub(crate) async fn test_logging_tool(cx: Context) -> &'static str {
    log_three(&cx).await;
    "Logging done"
}

async fn log_three(cx: &Context) {
    for (number, message) in [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ]
    .into_iter()
    .enumerate()
    {
        if number > 0 {
            sleep(Duration::from_millis(50)).await;
        }
        cx.log(LogLevel::Info, message).await;
    }
}
