use mcp_core::mcp_prompt;

#[mcp_prompt]
async fn review(#[mcp(header = "Language")] language: String) -> String {
    language
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").prompt(review);
}
