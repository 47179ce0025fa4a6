use mcp_core::mcp_tool;

#[mcp_tool(name = "no spaces, please")]
fn greet<T>(first: &str, last: impl Into<String>) -> String {
    format!("{first} {}", last.into())
}

fn main() {}
