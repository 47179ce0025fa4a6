use mcp_core::mcp_tool;

#[mcp_tool]
async fn first<'a>(words: Vec<String>) -> Option<String> {
    words.into_iter().next()
}

fn main() {}
