use mcp_core::mcp_resource;

#[mcp_resource("")]
async fn note() -> String {
    String::new()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").resource(note);
}
