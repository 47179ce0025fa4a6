use mcp_core::mcp_resource;

#[mcp_resource("a://b", scopes("notes", "notes"))]
async fn save() -> String {
    String::new()
}

fn main() {
    mcp_core::Server::builder("t", "1").resource(save);
}
