//! Faults that were found by review, kept from coming back.

use http_tests::{Client, LEGACY, Post, hyper};
use mcp_tower::{
    Context, McpService, Refusal, Request, RequestError, Server,
    core::{BoxError, Route},
    mcp_tool,
    protocol::RawJson,
};
use serde_json::json;
use tower::{ServiceExt, layer::layer_fn, service_fn};

/// Speak from a task, and wait for it.
#[mcp_tool]
async fn delegate(cx: Context) -> &'static str {
    let (told, telling) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn(async move {
        cx.progress(1.0).await;
        // The call goes on until the client has seen this.
        let _ = telling.await;
    });
    let _told = told;
    let _ = worker.await;
    "done"
}

#[tokio::test]
async fn a_task_of_the_handler_opens_the_stream() {
    let server = Server::builder("s", "1").tool(delegate).build();
    let running = hyper(McpService::new(server)).await;
    let mut client = Client::connect(running.address).await;
    let params = json!({"name": "delegate", "arguments": {}});
    let call = Post::modern_with("tools/call", params, json!({"progressToken": 1}));
    client.write(&call).await;
    // The handler never ends: only an event that opens the stream brings a head.
    assert_eq!(client.head().await.status, 200);
    let event = client.event().await.unwrap();
    assert_eq!(event["method"], "notifications/progress");
}

#[tokio::test]
async fn whoever_is_refused_has_no_session() {
    let refuse = layer_fn(|inner: Route| {
        service_fn(move |request: Request| {
            let inner = inner.clone();
            async move {
                if request.method() == "initialize" {
                    return Err(BoxError::from(Refusal::forbidden("not you")));
                }
                inner.oneshot(request).await
            }
        })
    });
    let server = Server::builder("s", "1")
        .tool(delegate)
        .layer(refuse)
        .build();
    let running = hyper(McpService::new(server)).await;
    let mut client = Client::connect(running.address).await;
    let reply = client.send(&Post::initialize(LEGACY[0])).await;
    assert_eq!(reply.status, 403);
    assert!(!reply.headers.contains_key("mcp-session-id"));
}

#[tokio::test]
async fn a_fallback_answers_methods_that_nothing_else_offers() {
    let echo = Route::from_fn(|_| async { Ok::<_, RequestError>(RawJson::EMPTY_OBJECT) });
    let server = Server::builder("proxy", "1").fallback(echo).build();
    let running = hyper(McpService::new(server)).await;
    let mut client = Client::connect(running.address).await;
    for method in ["tools/list", "resources/list", "other/method"] {
        let reply = client.send(&Post::modern(method, json!({}))).await;
        assert_eq!(reply.status, 200, "{method}");
        assert_eq!(reply.result(), json!({}));
    }
}

#[tokio::test]
async fn a_long_handshake_makes_a_short_id() {
    let server = Server::builder("s", "1").tool(delegate).build();
    let running = hyper(McpService::new(server)).await;
    let mut client = Client::connect(running.address).await;
    let long = "x".repeat(10_000);
    let post = Post::initialize(LEGACY[0]);
    let post = post.edit(|message| message["params"]["clientInfo"]["name"] = long.into());
    let reply = client.send(&post).await;
    assert!(reply.header("mcp-session-id").len() < 400);
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_calls() {
    let server = Server::builder("s", "1").tool(delegate).build();
    let running = hyper(McpService::new(server)).await;
    let mut client = Client::connect(running.address).await;
    let session = client.open(LEGACY[0]).await;
    let meta = json!({"progressToken": 1});
    let params = json!({"name": "delegate", "arguments": {}, "_meta": meta});
    let call = Post::legacy("tools/call", params).session(&session);
    client.write(&call).await;
    assert_eq!(client.head().await.status, 200);
    assert!(client.event().await.is_some());
    let mut other = Client::connect(running.address).await;
    let ended = other.send(&call.clone().verb("DELETE")).await;
    assert_eq!(ended.status, 204);
    // The handler would never end by itself.
    assert_eq!(client.event().await, None);
}
