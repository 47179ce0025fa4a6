//! Answers that are none.

use crate::{World, curl, design, request};
use http_tests::Post;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

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
    let modern = post.path("/api/platform/t/mcp");
    let plain = curl("t", &request("tools/call", json!({"name": "cut"})));
    for (number, post) in [modern, plain].iter().enumerate() {
        let mut stream = TcpStream::connect(world.running.address).await.unwrap();
        stream.write_all(&post.bytes()).await.unwrap();
        // Until the other side ends it; a reset is an end, too.
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        let heard = String::from_utf8(heard).unwrap();
        assert!(!heard.contains("result"), "{heard}");
        assert!(!heard.ends_with("0\r\n\r\n"), "{heard}");
        assert_eq!(
            world.platform.calls("t").unwrap()[number].outcome,
            "disconnect"
        );
    }
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
