//! A tool without parameters, output and description.

use mcp_core::{Server, mcp_tool};
use serde_json::json;

#[mcp_tool]
async fn ping() {}

fn main() {
    let server = Server::builder("ui", "1.0").tool(ping).build();
    assert_eq!(
        ui_tests::listed(&server, "tools"),
        json!({ "name": "ping", "inputSchema": { "type": "object", "additionalProperties": false } })
    );
    let params = json!({ "name": "ping", "arguments": { "x": 1 } });
    let answer = ui_tests::ask(&server, "tools/call", &params);
    assert_eq!(answer["result"]["isError"], true, "{answer}");
}
