use mcp_core::mcp_tool;

#[mcp_tool]
async fn find(#[schemars(regex(pattern = "[a-z"))] word: String) -> String {
    word
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(find);
}
