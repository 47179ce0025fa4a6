use mcp_core::mcp_tool;
use std::time::Duration;

fn timeout(_: Duration) -> tower_layer::Identity {
    tower_layer::Identity::new()
}

#[mcp_tool(layer = timeout(Duration::from_secs(seconds)))]
async fn wait(seconds: u64) -> u64 {
    seconds
}

fn main() {
    mcp_core::Server::builder("t", "1").tool(wait);
}
