use mcp_core::mcp_resource;

#[mcp_resource(mime_type = "text/plain")]
async fn motd() -> String {
    "Hello.".to_owned()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").resource(motd);
}
