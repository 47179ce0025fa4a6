use mcp_core::{Context, RequestError, mcp_tool, protocol::CompletionContext};

#[mcp_tool]
async fn query(#[mcp(complete = regions)] region: String) -> String {
    region
}

async fn regions(_: String, _: CompletionContext, _: Context) -> Result<Vec<String>, RequestError> {
    Ok(Vec::new())
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(query);
}
