use mcp_core::mcp_tool;

#[mcp_tool]
async fn divide(a: i64, b: i64) -> Result<i64, &'static str> {
    a.checked_div(b).ok_or("cannot divide by zero")
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(divide);
}
