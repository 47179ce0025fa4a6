//! A tool that asks a question, for tests of what becomes of it.

use mcp_tower::{Context, ToolError, mcp_tool};

/// What is asked for.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
pub struct Name {
    /// The name.
    pub name: String,
}

/// Ask for a name.
#[mcp_tool]
pub async fn ask(cx: Context) -> Result<String, ToolError> {
    let answer: Name = cx.elicit("name", "Who are you?").await?;
    Ok(answer.name)
}
