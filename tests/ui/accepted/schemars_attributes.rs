//! What `#[schemars(..)]` promises is kept: rules are published and enforced.

use mcp_core::{Server, mcp_tool};
use serde_json::json;

const MOST: f64 = 100.0;

/// Search.
#[mcp_tool]
async fn search(
    /// Free text.
    #[schemars(length(min = 2, max = 5), regex(pattern = "^[a-z]+$"), example = &"tower")]
    query: String,
    #[schemars(range(min = 1, max = 50))] limit: Option<u8>,
    #[schemars(range(min = -0.5, max = 0.5))] bias: Option<f64>,
    #[schemars(range(max = MOST))] offset: Option<i32>,
    #[schemars(length(equal = 2))] span: Option<Vec<u8>>,
    #[schemars(title = "Language", extend("x-order" = 3))] language: Option<String>,
) -> String {
    format!("{query} {limit:?} {bias:?} {offset:?} {span:?} {language:?}")
}

fn main() {
    let server = Server::builder("ui", "1.0").tool(search).build();
    let properties = &ui_tests::listed(&server, "tools")["inputSchema"]["properties"];
    assert_eq!(
        properties["query"],
        json!({
            "type": "string",
            "description": "Free text.",
            "minLength": 2,
            "maxLength": 5,
            "pattern": "^[a-z]+$",
            "examples": ["tower"],
        })
    );
    assert_eq!(properties["limit"]["maximum"], 50);
    assert_eq!(properties["language"]["title"], "Language");
    assert_eq!(properties["language"]["x-order"], 3);

    let call = |arguments| ui_tests::call(&server, "search", arguments);
    assert_eq!(
        call(json!({ "query": "ab", "limit": 50 })),
        "ab Some(50) None None None None"
    );
    for (name, arguments) in [
        ("query", json!({ "query": "a" })),
        ("query", json!({ "query": "abcdef" })),
        ("query", json!({ "query": "AB" })),
        ("limit", json!({ "query": "ab", "limit": 0 })),
        ("bias", json!({ "query": "ab", "bias": 0.6 })),
        ("offset", json!({ "query": "ab", "offset": 101 })),
        ("span", json!({ "query": "ab", "span": [1] })),
    ] {
        let text = call(arguments);
        assert!(text.contains(name) && text.contains("expected"), "{text}");
    }
    // Everything that is wrong is told at once.
    let text = call(json!({ "query": "A", "limit": 0, "offset": "many" }));
    assert!(
        ["query", "limit", "offset"]
            .iter()
            .all(|name| text.contains(name)),
        "{text}"
    );
}
