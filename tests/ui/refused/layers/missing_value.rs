use mcp_core::mcp_prompt;

#[mcp_prompt(layer)]
async fn wait() -> String {
    String::new()
}

fn main() {
    mcp_core::Server::builder("t", "1").prompt(wait);
}
