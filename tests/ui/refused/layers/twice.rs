use mcp_core::mcp_resource;
use tower_layer::Identity;

#[mcp_resource("a://b", layer = Identity::new(), layer = Identity::new())]
async fn wait() -> String {
    String::new()
}

fn main() {
    mcp_core::Server::builder("t", "1").resource(wait);
}
