use mcp_core::mcp_tool;

#[mcp_tool(layer = 30)]
async fn wait() {}

fn main() {
    mcp_core::Server::builder("t", "1").tool(wait);
}
