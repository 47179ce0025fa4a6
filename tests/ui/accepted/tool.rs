//! Every key of a tool reaches the client.

use mcp_core::{Server, mcp_tool};
use serde_json::json;

/// Not shown: the attribute has a description.
#[mcp_tool(
    name = "maths.add",
    title = "Add",
    description = concat!("Add two ", "numbers."),
    read_only,
    destructive = false,
    idempotent = true,
    open_world = false,
    icon(src = "https://example.com/add.png", mime_type = "image/png", sizes("48x48", "any"), theme = "dark"),
    icon(src = "data:image/png;base64,iVBORw0KGgo="),
    meta = json!({ "example.com/team": "maths" }),
)]
async fn add(
    /// The first number.
    a: i64,
    /**
     * The second
     * number.
     */
    b: Option<i64>,
) -> i64 {
    a + b.unwrap_or(1)
}

fn main() {
    let server = Server::builder("ui", "1.0").tool(add).build();
    assert_eq!(
        ui_tests::listed(&server, "tools"),
        json!({
            "name": "maths.add",
            "title": "Add",
            "description": "Add two numbers.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "a": { "type": "integer", "format": "int64", "description": "The first number." },
                    "b": { "type": "integer", "format": "int64", "description": "The second\nnumber." },
                },
                "required": ["a"],
                "additionalProperties": false,
            },
            "annotations": {
                "readOnlyHint": true,
                "destructiveHint": false,
                "idempotentHint": true,
                "openWorldHint": false,
            },
            "icons": [
                { "src": "https://example.com/add.png", "mimeType": "image/png", "sizes": ["48x48", "any"], "theme": "dark" },
                { "src": "data:image/png;base64,iVBORw0KGgo=" },
            ],
            "_meta": { "example.com/team": "maths" },
        })
    );
    assert_eq!(ui_tests::call(&server, "maths.add", json!({ "a": 2 })), "3");
}
