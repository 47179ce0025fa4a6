//! Clients see names without `r#`.

use mcp_core::{Server, mcp_resource, mcp_tool};
use serde_json::json;

#[mcp_tool]
async fn r#type(r#match: String, #[serde(default)] r#fn: u8) -> String {
    format!("{match} {}", r#fn)
}

#[mcp_resource("mods://{mod}")]
async fn r#mod(r#mod: String) -> String {
    r#mod
}

fn main() {
    let server = Server::builder("ui", "1.0")
        .tool(r#type)
        .resource(r#mod)
        .build();
    let tool = ui_tests::listed(&server, "tools");
    assert_eq!(tool["name"], "type");
    assert_eq!(tool["inputSchema"]["required"], json!(["match"]));
    assert!(tool["inputSchema"]["properties"]["fn"].is_object());
    assert_eq!(
        ui_tests::call(&server, "type", json!({ "match": "a", "fn": 1 })),
        "a 1"
    );
    assert_eq!(
        ui_tests::listed(&server, "resourceTemplates")["name"],
        "mod"
    );
}
