use mcp_core::mcp_tool;

#[mcp_tool]
async fn roll(#[schemars(range(min = 6, max = 1))] sides: u8) -> u8 {
    sides
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(roll);
}
