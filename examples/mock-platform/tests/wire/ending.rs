//! Answers that are none.

use crate::{World, curl, design, request};
use http_tests::Post;
use serde_json::json;

#[tokio::test]
async fn a_status_says_everything() {
    let world = World::with([design(
        "t",
        json!([
            {"name": "down", "scenarios": [{"error": {"kind": "http", "status": 503}}]},
            {"name": "up", "default": "up"},
        ]),
    )])
    .await;
    let mut client = world.client().await;
    let call = |tool: &str| curl("t", &request("tools/call", json!({"name": tool})));
    let reply = client.send(&call("down")).await;
    assert_eq!(reply.status, 503);
    assert!(reply.body.is_empty());
    // The connection is as good as before.
    assert_eq!(client.send(&call("up")).await.text(), "up");
    assert_eq!(world.platform.calls("t").unwrap()[0].outcome, "http 503");
}

#[tokio::test]
async fn a_connection_ends_in_the_middle_of_an_answer() {
    let world = World::with([design(
        "t",
        json!([
            {"name": "cut", "scenarios": [{
                "error": {"kind": "disconnect"},
                "progress": [{"progress": 1, "total": 3}],
            }]},
        ]),
    )])
    .await;
    let post = Post::modern_with(
        "tools/call",
        json!({"name": "cut", "arguments": {}}),
        json!({"progressToken": 1}),
    );
    let mut client = world.client().await;
    client.write(&post.path("/api/platform/t/mcp")).await;
    assert_eq!(client.head().await.status, 200);
    let mut answers = 0;
    while let Some(event) = client.event().await {
        answers += usize::from(event.get("id").is_some());
    }
    assert_eq!(answers, 0);
    // Nothing more is answered on this connection.
    assert_eq!(world.platform.calls("t").unwrap()[0].outcome, "disconnect");
}

#[tokio::test]
async fn who_goes_away_is_written_down() {
    let world = World::with([design(
        "t",
        json!([
            {"name": "slow", "scenarios": [{
                "response": "late",
                "progress": [{"progress": 1}, {"progress": 2, "afterMs": 60_000}],
            }]},
        ]),
    )])
    .await;
    let mut calls = world.platform.follow_calls();
    let post = Post::modern_with(
        "tools/call",
        json!({"name": "slow", "arguments": {}}),
        json!({"progressToken": 1}),
    );
    let mut client = world.client().await;
    client.write(&post.path("/api/platform/t/mcp")).await;
    client.head().await;
    assert!(client.event().await.is_some());
    drop(client);
    let call = calls.recv().await.unwrap();
    assert_eq!(call.outcome, "cancelled");
    assert_eq!(call.tool, "slow");
}
