use mcp_core::mcp_tool;

#[mcp_tool]
async fn shout(text: &str) -> String {
    text.to_uppercase()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(shout);
}
