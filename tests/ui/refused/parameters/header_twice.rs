use mcp_core::mcp_tool;

#[mcp_tool]
async fn query(
    #[mcp(header = "Region")] from: String,
    #[mcp(header = "region")] to: String,
) -> String {
    from + &to
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(query);
}
