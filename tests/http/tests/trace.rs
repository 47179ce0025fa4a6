//! W3C trace context of `_meta`, in both eras: what a handler sees of it.

use http_tests::{Client, LEGACY, Post, all};
use mcp_tower::{Context, McpService, Server, mcp_tool};
use serde_json::{Value, json};

/// Tell the trace that this call belongs to.
#[mcp_tool]
async fn traced(cx: Context) -> String {
    match cx.trace().parent() {
        Some(parent) => format!("{:032x}", parent.trace_id()),
        None => "none".to_owned(),
    }
}

#[tokio::test]
async fn a_trace_reaches_the_handler_and_a_bad_one_is_ignored() {
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let table = [
        (json!(good), "0af7651916cd43dd8448eb211c80319c"),
        (json!("00-0000-b7ad6b7169203331-01"), "none"),
        (json!(5), "none"),
        (Value::Null, "none"),
    ];
    let service = McpService::new(Server::builder("traced", "1").tool(traced).build());
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let session = client.open(LEGACY[0]).await;
        for (parent, expected) in &table {
            let meta = json!({"traceparent": parent});
            let params = json!({"name": "traced", "arguments": {}});
            let modern = Post::modern_with("tools/call", params.clone(), meta.clone());
            assert_eq!(client.send(&modern).await.text(), *expected, "{parent}");
            let legacy = Post::legacy("tools/call", params).session(&session);
            let legacy = legacy.edit(|message| message["params"]["_meta"] = meta);
            assert_eq!(client.send(&legacy).await.text(), *expected, "{parent}");
        }
    }
}
