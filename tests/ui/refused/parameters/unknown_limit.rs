use mcp_core::mcp_tool;

#[mcp_tool]
async fn roll(#[schemars(range(minimum = 1))] sides: u8) -> u8 {
    sides
}

fn main() {}
