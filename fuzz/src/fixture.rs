use mcp_tower::{
    Context, KeyRing, LogLevel, McpService, Principal, Server, SessionOptions, ToolError, mcp_tool,
};
use std::{future, time::Duration};

/// Mirror three arguments in headers.
#[mcp_tool]
async fn route(
    #[mcp(header = "Region")] region: String,
    #[mcp(header = "Shard")] shard: Option<i64>,
    #[mcp(header = "Dry-Run")] dry_run: Option<bool>,
) -> String {
    format!("{region} {shard:?} {dry_run:?}")
}

/// Say who calls, several times, and then wait.
#[mcp_tool]
async fn talk(principal: Principal, cx: Context) -> &'static str {
    for _ in 0..4 {
        cx.log(LogLevel::Error, name(&principal)).await;
    }
    future::pending().await
}

#[derive(serde::Deserialize, mcp_tower::core::private::schemars::JsonSchema)]
#[schemars(crate = "mcp_tower::core::private::schemars")]
struct Name {
    name: String,
}

/// Ask for a name.
#[mcp_tool]
async fn ask(principal: Principal, cx: Context) -> Result<String, ToolError> {
    let answer: Name = cx.elicit("name", "Who are you?").await?;
    Ok(format!("{} = {}", answer.name, name(&principal)))
}

fn name(principal: &Principal) -> &str {
    principal.subject().unwrap_or("nobody")
}

/// A server whose keys are always the same, and whose lists have a page for each tool.
fn server() -> Server {
    Server::builder("fuzzed", "1")
        .keys(KeyRing::new([7; 32]))
        .page_size(1)
        .tool(route)
        .tool(talk)
        .tool(ask)
        .build()
}

/// Its service, which keeps cut streams for ever.
pub fn service() -> McpService {
    let year = Duration::from_secs(365 * 24 * 3600);
    let options = SessionOptions::new().replay_time(year).idle(year);
    McpService::new(server()).sessions(options)
}
