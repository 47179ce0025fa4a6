use mcp_core::mcp_resource;

#[mcp_resource("notes://{id}")]
async fn note(id: u32, #[serde(default)] page: u32) -> String {
    format!("{id} {page}")
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").resource(note);
}
