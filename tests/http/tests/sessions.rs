//! Sessions: whose they are, how they begin and end, and what happens without them.

use http_tests::{Case, Client, LEGACY, Post, Running, all, check, open, server};
use serde_json::json;

fn ping() -> Post {
    Post::legacy("ping", json!({}))
}

fn delete(session: &str) -> Post {
    Post::raw("").verb("DELETE").session(session)
}

#[tokio::test]
async fn a_session_begins_and_ends() {
    for version in LEGACY {
        for running in all(&server()).await {
            life(&running, version).await;
        }
    }
}

async fn life(running: &Running, version: &str) {
    let mut client = Client::connect(running.address).await;
    let opened = client.send(&Post::initialize(version)).await;
    assert_eq!(opened.json()["result"]["protocolVersion"], version);
    let id = opened.header("mcp-session-id").to_owned();
    assert!(id.len() >= 32 && id.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
    // Requests may come before `initialized`.
    assert_eq!(client.send(&ping().session(&id)).await.result(), json!({}));
    let ready = Post::notification("notifications/initialized", json!({}));
    let ready = client.send(&ready.session(&id)).await;
    assert_eq!((ready.status, ready.body.len()), (202, 0));
    // The name of the header has no case, and its version is not needed.
    let shouted = ping().add("MCP-SESSION-ID", &id);
    assert_eq!(client.send(&shouted).await.result(), json!({}));
    assert_eq!(client.send(&delete(&id)).await.status, 204);
    for post in [ping().session(&id), delete(&id)] {
        let reply = client.send(&post).await;
        assert_eq!(reply.status, 404, "{}: {}", running.name, post.verb);
    }
}

#[tokio::test]
async fn every_session_has_an_id_of_its_own() {
    let service = server();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..100 {
        assert!(seen.insert(open(&service, "2025-11-25").await));
    }
}

#[tokio::test]
async fn a_session_is_needed_known_and_ones_own() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let initialize = || Post::initialize("2025-11-25");
    let add = || Post::legacy_call("add", json!({"a": 1, "b": 2}));
    let cases = [
        Case::refused("none", add(), 400, -32600),
        Case::refused("unknown", add().session("0123456789abcdef"), 404, -32600),
        Case::refused("empty", add().session(""), 404, -32600),
        Case::refused(
            "someone else's",
            add().session(&session).set("x-user", "bob"),
            404,
            -32600,
        ),
        Case::refused(
            "inside another",
            initialize().session(&session),
            400,
            -32600,
        ),
        Case::refused("inside none", initialize().session("made-up"), 400, -32600),
        Case::refused("DELETE without", Post::raw("").verb("DELETE"), 400, -32600).no_id(),
        Case::refused("DELETE unknown", delete("made-up"), 404, -32600).no_id(),
        Case::refused(
            "DELETE someone else's",
            delete(&session).set("x-user", "bob"),
            404,
            -32600,
        )
        .no_id(),
        Case::served("still one's own", add().session(&session)),
    ];
    check(&service, &cases).await;
}

#[tokio::test]
async fn a_mount_may_do_without_sessions() {
    let service = server().without_sessions();
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let opened = client.send(&Post::initialize("2025-11-25")).await;
        assert!(!opened.headers.contains_key("mcp-session-id"));
        for (header, structured) in [
            // Without a header, the revision that knew none is assumed.
            (None, false),
            (Some("2024-11-05"), false),
            (Some("2025-06-18"), true),
            (Some("2025-11-25"), true),
        ] {
            let mut post = Post::legacy_call("forecast", json!({"city": "Oslo"}));
            if let Some(header) = header {
                post = post.set("mcp-protocol-version", header);
            }
            let result = client.send(&post).await.result();
            let found = result.get("structuredContent").is_some();
            assert_eq!(found, structured, "{} {header:?}", running.name);
        }
    }
}

#[tokio::test]
async fn a_client_may_name_a_modern_revision_without_speaking_it() {
    let service = server();
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let session = client.open("2026-07-28").await;
        let result = client.send(&ping().session(&session)).await.result();
        assert_eq!(result, json!({}), "{}", running.name);
    }
}
