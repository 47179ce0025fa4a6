use mcp_core::mcp_tool;

#[mcp_tool(titel = "Add")]
async fn add(a: i64, b: i64) -> i64 {
    a + b + "c"
}

fn main() {}
