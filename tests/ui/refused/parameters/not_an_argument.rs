use mcp_core::mcp_tool;

struct Query;

#[mcp_tool]
async fn search(#[serde(alias = "q")] query: Query) -> String {
    let Query = query;
    String::new()
}

fn main() {}
