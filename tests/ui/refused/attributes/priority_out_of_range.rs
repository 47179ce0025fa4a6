use mcp_core::mcp_resource;

#[mcp_resource("motd://today", priority = 1.5)]
async fn motd() -> String {
    "Hello.".to_owned()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").resource(motd);
}
