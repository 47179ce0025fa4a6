use mcp_core::mcp_prompt;

#[mcp_prompt(scopes(notes))]
async fn save() -> String {
    String::new()
}

fn main() {
    mcp_core::Server::builder("t", "1").prompt(save);
}
