use mcp_core::mcp_tool;

#[mcp_tool]
async fn join(words: Vec<&str>, separator: std::borrow::Cow<'_, str>) -> String {
    words.join(&separator)
}

fn main() {}
