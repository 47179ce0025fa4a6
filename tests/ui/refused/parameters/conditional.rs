use mcp_core::mcp_tool;

#[mcp_tool]
async fn roll(sides: u8, #[cfg(unix)] dice: u8) -> u8 {
    sides * dice
}

fn main() {}
