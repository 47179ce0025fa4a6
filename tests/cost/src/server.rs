//! Our server: fifty tools, of which three are called.

use mcp_tower::{
    Context, Entry, McpService, Server, ToolError, ToolResult, mcp_tool, protocol::Tool,
};

/// Add two integers.
#[mcp_tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Says what it is told.
#[mcp_tool]
async fn echo(text: String) -> String {
    text
}

/// Tells how far it is, ten times.
#[mcp_tool]
async fn progress(cx: Context) -> String {
    for step in 1..=10 {
        cx.progress(f64::from(step)).total(10.0).await;
    }
    "done".to_owned()
}

/// A service with that many tools.
pub fn service(tools: usize) -> McpService {
    let builder = Server::builder("cost", "1.0")
        .tool(add)
        .tool(echo)
        .tool(progress);
    let builder = (3..tools).fold(builder, |builder, number| {
        let tool = Tool::new(format!("tool-{number}")).with_description("One of many tools.");
        builder.entry(Entry::tool(tool, |_, _| async {
            Ok::<_, ToolError>(ToolResult::text(""))
        }))
    });
    McpService::new(builder.build())
}
