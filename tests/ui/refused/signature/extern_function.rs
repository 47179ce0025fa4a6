use mcp_core::mcp_tool;

#[mcp_tool]
async extern "C" fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(add);
}
