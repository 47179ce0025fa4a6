use mcp_core::mcp_resource;

#[mcp_resource("notes://{id:3}")]
async fn note(id: u32) -> String {
    id.to_string()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").resource(note);
}
