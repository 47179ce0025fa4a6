//! All arguments as one struct, and extractors beside it.

use mcp_core::{Args, Context, Server, mcp_tool};
use serde_json::json;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Search {
    /// Free text.
    query: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Page {
    #[serde(default)]
    offset: u32,
}

#[mcp_tool]
async fn search(
    _: Context,
    Args(Search {
        query,
        page: Page { offset },
    }): Args<Search>,
) -> String {
    format!("{query} {offset}")
}

fn main() {
    let server = Server::builder("ui", "1.0").tool(search).build();
    let schema = &ui_tests::listed(&server, "tools")["inputSchema"];
    assert_eq!(schema["properties"]["query"]["description"], "Free text.");
    assert_eq!(
        ui_tests::call(&server, "search", json!({ "query": "a", "offset": 2 })),
        "a 2"
    );
}
