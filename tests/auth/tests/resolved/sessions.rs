//! What belongs to one caller of one server.

use super::{by, keys, mount, refused, send, serve};
use http_tests::{Client, Post};
use mcp_tower::auth::Auth;
use serde_json::json;

fn ping(name: &str, session: &str, authorization: &str) -> Post {
    let post = Post::legacy("ping", json!({})).path(&format!("/t/{name}"));
    by(post.session(session), authorization)
}

#[tokio::test]
async fn a_session_is_known_to_its_caller_and_its_server_alone() {
    let running = serve(mount()).await;
    let open = by(
        Post::initialize("2025-11-25").path("/t/one"),
        "Bearer ada-1",
    );
    let opened = send(&running, &open).await;
    let session = opened.header("mcp-session-id");
    let mut client = Client::connect(running.address).await;
    for (name, authorization, status) in [
        ("one", "Bearer ada-1", 200),
        ("one", "Bearer bob-1", 404),
        ("one", "", 401),
        // The same principal, elsewhere.
        ("two", "Bearer ada-2", 404),
        ("open", "", 404),
        ("one", "Bearer ada-1", 200),
    ] {
        let reply = client.send(&ping(name, session, authorization)).await;
        assert_eq!(reply.status, status, "{name} {authorization}");
    }
    // Whoever is not let in ends nothing.
    for (authorization, status) in [("", 401), ("Bearer bob-1", 404), ("Bearer ada-1", 204)] {
        let end = ping("one", session, authorization).verb("DELETE");
        assert_eq!(client.send(&end).await.status, status, "{authorization}");
    }
}

#[tokio::test]
async fn the_old_transport_asks_too() {
    let running = serve(mount()).await;
    let get = Post::raw("").verb("GET").path("/sse/one");
    let get = get.set("accept", "text/event-stream");
    let reply = send(&running, &get).await;
    refused(&reply, 401, Some(r#"Bearer realm="Number one""#));
    let mut stream = Client::connect(running.address).await;
    stream.write(&by(get, "Bearer ada-1")).await;
    assert_eq!(stream.head().await.status, 200);
    let first = stream.chunk().await.unwrap();
    let first = std::str::from_utf8(&first).unwrap();
    let query = first.trim_end().rsplit_once("data: ").unwrap().1;
    let open = Post::initialize("2024-11-05").path(&format!("/sse/one{query}"));
    for (authorization, status) in [("", 401), ("Bearer bob-1", 404), ("Bearer ada-1", 202)] {
        let reply = send(&running, &by(open.clone(), authorization)).await;
        assert_eq!(reply.status, status, "{authorization}");
    }
}

#[tokio::test]
async fn a_mount_that_asks_too_asks_first() {
    let everybody = || {
        keys(&[
            ("ada-1", "everybody"),
            ("ada-2", "everybody"),
            ("eve", "eve"),
        ])
    };
    let whole = |auth: Auth| mount().authorize(auth);
    // The header is gone before the server can ask.
    let running = serve(whole(Auth::with_realm(everybody(), "All").unwrap())).await;
    let reply = send(&running, &super::call("one", "Bearer ada-1")).await;
    refused(&reply, 401, Some(r#"Bearer realm="Number one""#));
    let reply = send(&running, &super::call("open", "Bearer eve")).await;
    assert_eq!(reply.text(), "eve");
    // Where it is kept, both ask, and the last one says who it is.
    let kept = Auth::with_realm(everybody(), "All").unwrap().keep_token();
    let running = serve(whole(kept)).await;
    let reply = send(&running, &super::call("one", "Bearer ada-1")).await;
    assert_eq!(reply.text(), "ada");
    let reply = send(&running, &super::call("one", "Bearer eve")).await;
    let challenge = r#"Bearer realm="Number one", error="invalid_token""#;
    refused(&reply, 401, Some(challenge));
    // Nothing is resolved for strangers.
    let challenge = r#"Bearer realm="All""#;
    for path in ["/t/none", "/.well-known/oauth-protected-resource/t/issued"] {
        let get = Post::raw("").verb("GET").path(path);
        refused(&send(&running, &get).await, 401, Some(challenge));
    }
}
