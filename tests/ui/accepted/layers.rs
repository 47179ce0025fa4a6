//! Layers and scopes in the attribute.

use mcp_core::{Server, mcp_prompt, mcp_resource, mcp_tool};
use serde_json::json;
use std::time::Duration;
use tower_layer::Identity;
use ui_tests::{ask, call};

fn patient() -> Identity {
    Identity::new()
}

/// The expression sees what the function sees, whatever it is called.
const ROUTE: Duration = Duration::from_secs(1);

#[mcp_tool(layer = Identity::new(), scopes("notes:read"))]
async fn one(route: u64) -> String {
    format!("{route} {ROUTE:?}")
}

#[mcp_tool(layer = (Identity::new(), patient()))]
async fn two() -> &'static str {
    "two"
}

#[mcp_prompt(layer = { let layer = Identity::new(); layer }, scopes("a", "b",))]
async fn three() -> &'static str {
    "three"
}

#[mcp_resource("four://{n}", layer = patient(), scopes("a:b"))]
async fn four(n: u8) -> String {
    n.to_string()
}

fn main() {
    let server = Server::builder("layered", "1")
        .tool(one)
        .tool_with(two, Identity::new())
        .prompt_with(three, patient())
        .resource_with(four, (patient(), patient()))
        .build();
    assert_eq!(call(&server, "two", json!({})), "two");
    let refused = |method, params| {
        let answer = ask(&server, method, &params);
        answer["error"]["message"].as_str().unwrap().to_owned()
    };
    let needs = |scopes: &str| format!("the caller needs these scopes: {scopes}");
    let one = json!({"name": "one", "arguments": {"route": 1}});
    assert_eq!(refused("tools/call", one), needs("notes:read"));
    let three = json!({"name": "three"});
    assert_eq!(refused("prompts/get", three), needs("a b"));
    let four = json!({"uri": "four://4"});
    assert_eq!(refused("resources/read", four), needs("a:b"));
}
