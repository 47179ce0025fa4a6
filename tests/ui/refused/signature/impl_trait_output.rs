use mcp_core::mcp_tool;

#[mcp_tool]
async fn show(value: i64) -> impl std::fmt::Display {
    value
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(show);
}
