use mcp_core::mcp_prompt;

#[mcp_prompt]
async fn größe() -> String {
    String::new()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").prompt(größe);
}
