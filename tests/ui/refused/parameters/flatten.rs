use mcp_core::mcp_tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Page {
    limit: u8,
}

#[mcp_tool]
async fn search(query: String, #[serde(flatten)] page: Page) -> String {
    format!("{query} {}", page.limit)
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(search);
}
