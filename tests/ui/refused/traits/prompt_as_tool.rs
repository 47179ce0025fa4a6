use mcp_core::mcp_prompt;

#[mcp_prompt]
async fn review(code: String) -> String {
    code
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(review);
}
