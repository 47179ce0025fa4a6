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

/// Everything that is heard until the other side ends it; a reset is an end, too.
async fn heard(world: &World, post: &Post) -> String {
    let mut stream = TcpStream::connect(world.running.address).await.unwrap();
    stream.write_all(&post.bytes()).await.unwrap();
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard).await;
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn a_connection_ends_in_the_middle_of_an_answer() {
    let progress = json!([{"progress": 1, "total": 3}, {"progress": 2, "total": 3}]);
    let cut = json!({"kind": "disconnect"});
    let world = World::with([design(
        "t",
        json!([
            {"name": "cut", "scenarios": [{"error": cut, "progress": progress}]},
            {"name": "cut_later", "scenarios": [{"sequence": [{"error": cut, "delayMs": 1}], "progress": progress}]},
        ]),
    )])
    .await;
    for tool in ["cut", "cut_later"] {
        let token = json!({"progressToken": 1});
        let modern = json!({"name": tool, "arguments": {}});
        let legacy = json!({"name": tool, "_meta": token});
        let modern = Post::modern_with("tools/call", modern, token).path("/api/platform/t/mcp");
        let legacy = curl("t", &request("tools/call", legacy));
        for post in [modern, legacy] {
            let heard = heard(&world, &post).await;
            assert!(heard.starts_with("HTTP/1.1 200"), "{tool}: {heard}");
            // All that came before, and nothing else.
            assert_eq!(heard.matches("data: ").count(), 2, "{tool}: {heard}");
            assert!(heard.contains("\"progress\":2"), "{tool}: {heard}");
            assert!(!heard.contains("result"), "{tool}: {heard}");
            assert!(!heard.ends_with("0\r\n\r\n"), "{tool}: {heard}");
            let calls = world.platform.calls("t").unwrap();
            assert_eq!(calls.last().unwrap().outcome, "disconnect");
        }
    }
}

#[tokio::test]
async fn a_connection_ends_before_anything_was_told() {
    let cut = json!([{"error": {"kind": "disconnect"}}]);
    let mut document = design("t", json!([{"name": "cut", "scenarios": cut}]));
    document["resources"] = json!([{"uri": "a://{b}", "name": "a", "text": "", "scenarios": cut}]);
    let world = World::with([document]).await;
    let call = curl("t", &request("tools/call", json!({"name": "cut"})));
    let read = curl("t", &request("resources/read", json!({"uri": "a://b"})));
    for post in [call, read] {
        // A stream begins and has no event.
        let stream = heard(&world, &post).await;
        let (head, events) = stream.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("text/event-stream"), "{head}");
        assert_eq!(events, "");
        // JSON does not begin at all.
        let json = heard(&world, &post.set("accept", "application/json")).await;
        assert_eq!(json, "");
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
    let mut calls = world.client().await;
    let mut follow = Post::raw("").path("/api/admin/servers/t/calls");
    "GET".clone_into(&mut follow.verb);
    let follow = follow.set("accept", "text/event-stream");
    let follow = follow.set("x-api-key", "a key of administrators");
    calls.write(&follow).await;
    assert_eq!(calls.head().await.status, 200);
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
    let mut told = String::new();
    while !told.contains("}\n\n") {
        let chunk = calls.chunk().await.unwrap();
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(told.contains(r#""tool":"slow""#), "{told}");
    assert!(told.contains(r#""outcome":"cancelled""#), "{told}");
}
