use mcp_core::mcp_tool;

#[mcp_tool(icon(src = "https://example.com/add.png", sizes("48x48", "large")))]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn main() {}
