use mcp_core::mcp_tool;

const WORD: &str = "^[a-z]+$";

#[mcp_tool]
async fn find(#[schemars(regex(pattern = WORD))] word: String) -> String {
    word
}

fn main() {}
