//! Media types, HTTP methods, and how big and how slow a body may be.

use http_tests::{Case, Client, MODERN, Post, Running, all, check, check_on, open, server};
use mcp_tower::{AcceptPolicy, Limits, McpService};
use serde_json::json;
use std::time::Duration;

fn add() -> Post {
    Post::call("add", json!({"a": 1, "b": 2}))
}

fn talk() -> Post {
    let params = json!({"name": "talk", "arguments": {}});
    Post::modern_with("tools/call", params, json!({"progressToken": "p"}))
}

#[tokio::test]
async fn only_json_is_read() {
    let refused = |value: &str| {
        let post = add().set("content-type", value);
        Case::refused(value, post, 415, -32600).no_id()
    };
    let cases = [
        Case::served(
            "with a charset",
            add().set("content-type", "application/json; charset=UTF-8"),
        ),
        Case::served("in capitals", add().set("content-type", "Application/JSON")),
        // What a form of another site can send without asking first.
        refused("text/plain"),
        refused("text/plain; charset=utf-8"),
        refused("application/x-www-form-urlencoded"),
        refused("multipart/form-data; boundary=x"),
        refused("text/plain; application/json"),
        refused("application/json-seq"),
        refused("application/jsonp"),
        refused("application/json; charset=latin1"),
        refused(""),
        Case::refused("absent", add().without("content-type"), 415, -32600).no_id(),
        Case::refused(
            "twice",
            add().add("content-type", "text/plain"),
            415,
            -32600,
        )
        .no_id(),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn both_media_types_must_be_acceptable() {
    let served = |value: &str| Case::served(value, add().set("accept", value));
    let refused = |value: &str| {
        let post = add().set("accept", value);
        Case::refused(value, post, 406, -32600).no_id()
    };
    let cases = [
        Case::served("absent", add().without("accept")),
        served("*/*"),
        served("application/*, text/*"),
        served("text/event-stream;q=0.5, application/json;q=0.1"),
        served("text/html, */*;q=0.1"),
        refused("application/json"),
        refused("text/event-stream"),
        refused("text/html"),
        refused("*/*, text/event-stream;q=0"),
        refused("application/json;q=0, */*"),
        Case::served(
            "in two headers",
            add()
                .set("accept", "application/json")
                .add("accept", "text/event-stream"),
        ),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn a_lenient_mount_answers_in_the_type_that_is_acceptable() {
    for running in all(&server().accept(AcceptPolicy::Either)).await {
        let mut client = Client::connect(running.address).await;
        let reply = client.send(&talk().set("accept", "application/json")).await;
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.text(), "told");
        let reply = client.send(&add().set("accept", "text/event-stream")).await;
        assert_eq!(reply.events().len(), 1);
        assert_eq!(reply.text(), "3");
        let reply = client
            .send(&talk().set("accept", "text/event-stream"))
            .await;
        assert_eq!(reply.events().len(), 3);
        let reply = client.send(&add().set("accept", "text/html")).await;
        assert_eq!(reply.status, 406, "{}", running.name);
    }
}

#[tokio::test]
async fn modern_clients_may_only_post() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let with = |verb: &str| {
        let post = Post::raw("")
            .verb(verb)
            .session(&session)
            .set("mcp-protocol-version", MODERN);
        Case::refused(verb, post, 405, -32600)
            .no_id()
            .header("allow", "POST")
    };
    check(&service, &[with("GET"), with("DELETE")]).await;
    // Nothing has touched the session.
    let ping = Post::legacy("ping", json!({})).session(&session);
    check(&service, &[Case::served("ping", ping)]).await;
}

#[tokio::test]
async fn a_mount_without_sessions_has_none_to_end() {
    let delete = Post::raw("").verb("DELETE").session("x");
    let case = Case::refused("DELETE without sessions", delete, 405, -32600).no_id();
    check(
        &server().without_sessions(),
        &[case.header("allow", "POST")],
    )
    .await;
}

fn small() -> McpService {
    let limits = Limits::new()
        .body_bytes(1_000)
        .body_time(Duration::from_millis(50))
        .depth(8);
    server().limits(limits)
}

/// A call whose body has this many bytes.
fn sized(bytes: usize) -> Post {
    let mut post = add();
    post.body.resize(bytes, b' ');
    post
}

#[tokio::test]
async fn strings_are_bounded() {
    let service = server().limits(Limits::new().string_bytes(100));
    let find = |length: usize| Post::call("find", json!({"query": "x".repeat(length)}));
    let cases = [
        Case::served("at the limit", find(100)),
        Case::refused("beyond", find(101), 413, -32600).no_id(),
    ];
    check(&service, &cases).await;
}

#[tokio::test]
async fn bodies_are_bounded_while_they_are_read() {
    let service = small();
    let cases = [
        Case::served("at the limit", sized(1_000)),
        Case::refused("beyond", sized(1_001), 413, -32600).no_id(),
        Case::refused("far beyond", sized(1_000_000), 413, -32600).no_id(),
        Case::served(
            "nested",
            Post::call(
                "find",
                json!({"query": "x", "filter": {"years": [1], "order": "newest"}}),
            ),
        ),
        Case::refused(
            "nested too deeply",
            Post::call("add", json!([[[[[[[[]]]]]]]])),
            400,
            -32600,
        )
        .no_id(),
    ];
    check(&service, &cases).await;
    for running in all(&service).await {
        chunked(&running).await;
        slow(&running).await;
        check_on(&running, &[Case::served("afterwards", add())]).await;
    }
}

fn head(length: &str) -> Vec<u8> {
    let mut head = String::from("POST /mcp HTTP/1.1\r\n");
    for (name, value) in add().headers {
        head.push_str(&format!(
            "{name}: {}\r\n",
            String::from_utf8(value).unwrap()
        ));
    }
    format!("{head}{length}\r\n\r\n").into_bytes()
}

/// A body that does not say how long it is.
async fn chunked(running: &Running) {
    let mut client = Client::connect(running.address).await;
    client
        .write_bytes(&head("transfer-encoding: chunked"))
        .await;
    let chunk = format!("1f4\r\n{}\r\n", " ".repeat(500));
    for _ in 0..3 {
        client.write_bytes(chunk.as_bytes()).await;
    }
    let reply = client.reply().await;
    assert_eq!(reply.status, 413, "{}", running.name);
}

/// A body that stops half way.
async fn slow(running: &Running) {
    let mut client = Client::connect(running.address).await;
    client.write_bytes(&head("content-length: 100")).await;
    client.write_bytes(b"{").await;
    let reply = client.reply().await;
    assert_eq!(reply.status, 408, "{}", running.name);
}
