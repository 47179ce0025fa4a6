//! What is refused, and how.

use crate::pipe::{Pipe, get};
use http_tests::{Client, MODERN, PREFIX, Post, all, hyper, server};
use mcp_tower::{AllowedHosts, HttpSse, Limits};
use serde_json::json;

fn ping() -> serde_json::Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "ping"})
}

#[tokio::test]
async fn hosts_and_origins_are_checked_on_both_ends() {
    let hosts = AllowedHosts::new().allow_host("mcp.example.com");
    for running in all(&server().allowed_hosts(hosts).http_sse(HttpSse::new())).await {
        let pipe = Pipe::open(running.address).await;
        let mut client = Client::connect(running.address).await;
        for (name, value, status) in [
            ("host", "evil.example.com", 403),
            ("origin", "https://evil.example.com", 403),
            ("host", "mcp.example.com", 202),
        ] {
            let reply = client.send(&pipe.post(&ping()).set(name, value)).await;
            assert_eq!(reply.status, status, "{value}");
            if status == 403 {
                let reply = client.send(&get("/mcp").set(name, value)).await;
                assert_eq!(reply.status, status, "{value}");
            }
        }
    }
}

#[tokio::test]
async fn a_connection_is_its_owners_alone() {
    let service = server().http_sse(HttpSse::new());
    let running = hyper(service.clone()).await;
    let pipe = Pipe::open_with(running.address, get("/mcp").add("x-user", "ada")).await;
    let mut client = Client::connect(running.address).await;
    let post = pipe.post(&ping());
    assert_eq!(client.send(&post).await.status, 404);
    assert_eq!(
        client.send(&post.clone().add("x-user", "bob")).await.status,
        404
    );
    assert_eq!(
        client.send(&post.clone().add("x-user", "ada")).await.status,
        202
    );
    // Another mount has connections of its own, whatever it is named.
    let other = hyper(server().http_sse(HttpSse::new())).await;
    let mut client = Client::connect(other.address).await;
    assert_eq!(client.send(&post.add("x-user", "ada")).await.status, 404);
    let known = pipe.target.rsplit_once('=').unwrap().1;
    assert_eq!(known.len(), 32);
}

#[tokio::test]
async fn what_is_no_message_of_a_connection() {
    let limits = Limits::new().body_bytes(10_000).string_bytes(1_000);
    let service = server().limits(limits).http_sse(HttpSse::new());
    let running = hyper(service).await;
    let mut pipe = Pipe::in_session(running.address, json!({})).await;
    let good = pipe.post(&ping());
    let raw = |body: &str| Post::raw(body.as_bytes()).path(&good.path);
    let table = [
        ("no session", good.clone().path("/mcp"), 404),
        (
            "an unknown session",
            good.clone()
                .path("/mcp?session=00000000000000000000000000000000"),
            404,
        ),
        ("no id", good.clone().path("/mcp?session=x"), 404),
        (
            "no JSON by its type",
            good.clone().set("content-type", "text/plain"),
            415,
        ),
        ("no JSON", raw("{"), 400),
        ("no message", raw("{}"), 400),
        ("a batch", raw("[{}]"), 400),
        (
            "too large",
            raw(&format!("\"{}\"", "x".repeat(20_000))),
            413,
        ),
        (
            "too long a string",
            raw(&format!("\"{}\"", "x".repeat(2_000))),
            413,
        ),
        ("another method", good.clone().verb("DELETE"), 405),
        (
            "a stream that is not accepted",
            get("/mcp").set("accept", "application/json"),
            406,
        ),
    ];
    for (what, post, status) in table {
        let mut client = Client::connect(running.address).await;
        let reply = client.send(&post).await;
        assert_eq!(reply.status, status, "{what}: {reply:?}");
        assert_eq!(
            reply.json()["error"]["code"],
            if what == "no JSON" { -32700 } else { -32600 },
            "{what}"
        );
        if status == 405 {
            assert_eq!(reply.header("allow"), "GET, POST");
        }
    }
    // No error was told where answers come.
    assert_eq!(pipe.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn errors_about_requests_come_where_answers_come() {
    let running = hyper(server().http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::open(running.address).await;
    let early = pipe.ask("tools/list", json!({})).await;
    assert_eq!(early["error"]["code"], -32600);
    // There are no self-contained requests here.
    let meta = json!({
        format!("{PREFIX}protocolVersion"): MODERN,
        format!("{PREFIX}clientCapabilities"): {},
    });
    let modern = pipe.ask("server/discover", json!({"_meta": meta})).await;
    assert_eq!(modern["error"]["code"], -32600);
    let answer = pipe.initialize("2026-07-28", json!({})).await;
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
    let unknown = pipe.ask("nonsense", json!({})).await;
    assert_eq!(unknown["error"]["code"], -32601);
}
