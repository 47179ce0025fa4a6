use mcp_core::mcp_tool;

#[mcp_tool]
async fn shout(text: String) -> &str {
    text.as_str()
}

fn main() {}
