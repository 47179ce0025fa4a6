use mcp_core::mcp_tool;

#[mcp_tool]
async fn shout(text: String) -> &str {
    text.as_str()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(shout);
}
