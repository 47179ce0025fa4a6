use mcp_core::mcp_tool;

#[mcp_tool]
struct Add {
    a: i64,
    b: i64,
}

fn main() {}
