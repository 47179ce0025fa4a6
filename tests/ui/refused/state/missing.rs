use mcp_core::{State, mcp_tool};

#[derive(Clone)]
struct Db;

#[mcp_tool]
async fn count(State(db): State<Db>) -> u64 {
    let Db = db;
    0
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(count);
}
