use mcp_core::mcp_tool;

struct Query(String);

#[mcp_tool]
async fn search(query: Query, limit: u32) -> String {
    format!("{} {limit}", query.0)
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(search);
}
