//! What an endpoint owes the HTTP around it: proxies, caches, compression, ids of requests.

use flate2::read::GzDecoder;
use http_tests::{Client, Head, Post, Running, all, open, serve_axum, server};
use mcp_tower::{AllowedHosts, McpLayer, McpService};
use serde_json::{Value, json};
use std::io::Read;
use tower_http::{
    compression::CompressionLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
};

fn add() -> Post {
    Post::call("add", json!({"a": 2, "b": 3}))
}

fn talk() -> Post {
    let params = json!({"name": "talk", "arguments": {}});
    Post::modern_with("tools/call", params, json!({"progressToken": "p"}))
}

async fn connect(running: &Running) -> Client {
    Client::connect(running.address).await
}

/// A response to `HEAD` ends with its headers.
async fn head_of(client: &mut Client, post: &Post) -> Head {
    client.write(post).await;
    client.head().await
}

#[tokio::test]
async fn methods_that_are_not_served_say_which_are() {
    let table = [
        (server(), "GET, POST, DELETE"),
        (server().without_sessions(), "POST"),
    ];
    for (service, allow) in table {
        for running in all(&service).await {
            let mut client = connect(&running).await;
            for verb in ["PUT", "PATCH", "OPTIONS", "TRACE", "BREW"] {
                let reply = client.send(&Post::raw("").verb(verb)).await;
                assert_eq!(reply.status, 405, "{} {verb}", running.name);
                assert_eq!(reply.header("allow"), allow, "{} {verb}", running.name);
                assert_eq!(reply.header("content-type"), "application/json");
                assert_eq!(reply.json()["error"]["code"], -32600);
            }
        }
    }
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    for running in all(&server()).await {
        let mut client = connect(&running).await;
        let head = head_of(&mut client, &Post::raw("").verb("HEAD")).await;
        assert_eq!(head.status, 405, "{}", running.name);
        assert_eq!(head.headers["allow"], "GET, POST, DELETE");
        // The connection would be out of step if there had been one.
        let mut client = connect(&running).await;
        client.write(&Post::raw("").verb("HEAD")).await;
        client.write(&add()).await;
        client.head().await;
        let second = client.head().await;
        assert_eq!(second.status, 200, "{}", running.name);
    }
}

#[tokio::test]
async fn errors_are_kept_by_no_cache() {
    let service = server();
    for running in all(&service).await {
        let mut client = connect(&running).await;
        let unknown = Post::raw("").session("unknown");
        let posts = [
            (Post::raw("").verb("PUT"), 405),
            (unknown.clone().verb("GET"), 404),
            (unknown.verb("DELETE"), 404),
            (Post::raw("").verb("GET"), 400),
            (add().set("host", "evil.example.com"), 403),
        ];
        for (post, status) in posts {
            let reply = client.send(&post).await;
            assert_eq!(reply.status, status, "{} {reply:?}", running.name);
            assert_eq!(reply.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn streams_ask_not_to_be_changed_or_held_back() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let legacy = Post::legacy(
        "tools/call",
        json!({"name": "talk", "arguments": {}, "_meta": {"progressToken": 1}}),
    );
    let standing = Post::raw("").verb("GET").session(&session);
    for running in all(&service).await {
        for post in [talk(), legacy.clone().session(&session), standing.clone()] {
            // Each on a connection of its own: the last one goes on until it is closed.
            let mut client = connect(&running).await;
            let head = head_of(&mut client, &post).await;
            assert_eq!(head.status, 200, "{}", running.name);
            assert_eq!(head.headers["content-type"], "text/event-stream");
            assert_eq!(head.headers["cache-control"], "no-cache, no-transform");
            assert_eq!(head.headers["x-accel-buffering"], "no");
        }
    }
}

#[tokio::test]
async fn headers_of_proxies_are_not_believed() {
    let hosts = AllowedHosts::new().allow_host("mcp.example.com");
    let lists = [
        ("host", server().allowed_hosts(hosts), 403),
        // One line for a proxy that checks the name itself.
        (
            "any host",
            server().allowed_hosts(AllowedHosts::new().allow_any_host()),
            200,
        ),
    ];
    for (what, service, status) in lists {
        for running in all(&service).await {
            let mut client = connect(&running).await;
            for (name, value) in [
                ("x-forwarded-host", "mcp.example.com"),
                ("x-forwarded-host", "localhost"),
                ("forwarded", "host=mcp.example.com"),
                ("x-original-host", "localhost"),
            ] {
                let post = add().set("host", "evil.example.com").set(name, value);
                let reply = client.send(&post).await;
                assert_eq!(reply.status, status, "{what} {name} {}", running.name);
            }
            // Nor does one that names another host shut anybody out.
            let post = add()
                .set("host", "mcp.example.com")
                .set("x-forwarded-host", "evil.example.com");
            assert_eq!(client.send(&post).await.text(), "5", "{what}");
        }
    }
}

/// An application that compresses all it can.
async fn compressing(service: McpService) -> Running {
    let app = axum::Router::new()
        .route("/", axum::routing::get(|| async { "home" }))
        .layer(McpLayer::new(service))
        .layer(CompressionLayer::new());
    serve_axum(app).await
}

#[tokio::test]
async fn compression_leaves_streams_alone_and_shrinks_the_rest() {
    let probe = http_tests::Probe::default();
    let running = compressing(probe.service()).await;
    let mut client = connect(&running).await;
    let list = Post::modern("tools/list", json!({})).set("accept-encoding", "gzip, deflate");
    let reply = client.send(&list).await;
    assert_eq!(reply.header("content-encoding"), "gzip");
    let mut text = Vec::new();
    GzDecoder::new(&reply.body[..])
        .read_to_end(&mut text)
        .unwrap();
    assert!(reply.body.len() < text.len());
    let message: Value = serde_json::from_slice(&text).unwrap();
    assert!(message["result"]["tools"].is_array());

    let params = json!({"name": "hold_loudly", "arguments": {}});
    let loud = Post::modern_with("tools/call", params, json!({"progressToken": 1}));
    client
        .write(&loud.set("accept-encoding", "gzip, deflate"))
        .await;
    let head = client.head().await;
    assert_eq!(head.headers["content-type"], "text/event-stream");
    assert!(!head.headers.contains_key("content-encoding"), "{head:?}");
    // The event is here while the tool still runs: nobody has held it back.
    let event = client.event().await.unwrap();
    assert_eq!(event["method"], "notifications/progress");
    probe.entered().await;
    probe.release();
    let answer = client.event().await.unwrap();
    assert_eq!(answer["result"]["content"][0]["text"], "held");
}

#[tokio::test]
async fn ids_and_traces_of_requests_pass() {
    let app = axum::Router::new()
        .route_service("/mcp", traced())
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
    let running = serve_axum(app).await;
    let mut client = connect(&running).await;
    let loud = Post::call("ids", json!({"aloud": true}));
    for post in [Post::call("ids", json!({})), loud] {
        let reply = client.send(&post).await;
        let made = reply.header("x-request-id").to_owned();
        assert_eq!(reply.text(), format!("{made} -"), "made on the way in");
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let post = post.set("x-request-id", "mine").set("traceparent", parent);
        let reply = client.send(&post).await;
        assert_eq!(reply.header("x-request-id"), "mine");
        assert_eq!(reply.text(), format!("mine {parent}"));
    }
    for post in [Post::raw("{"), Post::raw("").verb("PUT")] {
        let reply = client.send(&post.set("x-request-id", "mine")).await;
        assert_eq!(reply.header("x-request-id"), "mine", "{reply:?}");
    }
}

fn traced() -> McpService {
    use mcp_tower::{Context, Headers, Server, mcp_tool};

    /// Tell how the request is known to those around.
    #[mcp_tool]
    async fn ids(aloud: Option<bool>, headers: Headers, cx: Context) -> String {
        if aloud.unwrap_or_default() {
            cx.log(mcp_tower::LogLevel::Emergency, "aloud").await;
        }
        let read = |name: &str| {
            let value = headers.0.get(name).map(|value| value.to_str().unwrap());
            value.unwrap_or("-").to_owned()
        };
        format!("{} {}", read("x-request-id"), read("traceparent"))
    }
    McpService::new(Server::builder("traced", "1").tool(ids).build())
}
