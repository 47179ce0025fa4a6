use mcp_core::mcp_tool;

#[mcp_tool]
async fn find(#[schemars(rename = "w")] word: String) -> String {
    word
}

fn main() {}
