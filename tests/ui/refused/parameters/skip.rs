use mcp_core::mcp_tool;

#[mcp_tool]
async fn search(query: String, #[serde(skip)] limit: u8) -> String {
    format!("{query} {limit}")
}

fn main() {}
