use mcp_core::mcp_tool;

#[mcp_tool]
async fn copy(from: String, #[serde(rename = "from")] source: String) -> String {
    from + &source
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(copy);
}
