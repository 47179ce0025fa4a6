use mcp_core::mcp_prompt;

#[mcp_prompt]
async fn review() -> u64 {
    5
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").prompt(review);
}
