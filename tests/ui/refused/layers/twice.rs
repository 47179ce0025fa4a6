use mcp_core::mcp_resource;

#[mcp_resource("a://b", layer = (), layer = ())]
async fn wait() -> String {
    String::new()
}

fn main() {
    mcp_core::Server::builder("t", "1").resource(wait);
}
