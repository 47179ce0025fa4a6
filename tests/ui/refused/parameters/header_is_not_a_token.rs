use mcp_core::mcp_tool;

#[mcp_tool]
async fn query(#[mcp(header = "My Region")] region: String) -> String {
    region
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(query);
}
