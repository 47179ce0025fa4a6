use mcp_core::mcp_tool;

#[mcp_tool]
async fn shout(#[schemars(range(min = 1))] text: String) -> String {
    text
}

fn main() {}
