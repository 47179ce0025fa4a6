use mcp_core::mcp_tool;

#[mcp_tool]
async fn shout(#[schemars(length(min = 10, max = 2))] text: String) -> String {
    text
}

fn main() {}
