use mcp_core::mcp_tool;

#[derive(serde::Deserialize)]
struct Query {
    words: Vec<String>,
}

#[mcp_tool]
async fn search(query: Query) -> String {
    query.words.join(" ")
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(search);
}
