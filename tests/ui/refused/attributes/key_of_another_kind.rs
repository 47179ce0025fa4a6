use mcp_core::mcp_prompt;

#[mcp_prompt(read_only)]
async fn review(code: String) -> String {
    code
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").prompt(review);
}
