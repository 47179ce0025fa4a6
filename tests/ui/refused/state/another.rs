use mcp_core::{Server, State, mcp_tool};

#[derive(Clone)]
struct Db;

#[derive(Clone)]
struct Cache;

#[mcp_tool]
async fn count(State(db): State<Db>) -> u64 {
    let Db = db;
    0
}

fn main() {
    let _ = Server::builder("ui", "1.0").state(Cache).tool(count);
}
