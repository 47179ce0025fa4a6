use mcp_core::mcp_resource;

#[mcp_resource("motd://today")]
async fn motd() -> u64 {
    5
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").resource(motd);
}
