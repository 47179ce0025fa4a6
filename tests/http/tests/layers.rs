//! Layers around all requests and around one operation: any error type, and what becomes of it.

use http::HeaderValue;
use http_tests::{Case, Client, Post, Probe, Running, all, builder, check, open};
use mcp_tower::{
    McpService, Refusal, Server, State,
    core::{Request, Response, Route},
    mcp_tool,
    protocol::{ErrorCode, ErrorObject},
};
use serde_json::json;
use std::{fmt, future::ready, time::Duration};
use tower::{
    ServiceBuilder, layer::layer_fn, limit::ConcurrencyLimitLayer, load_shed::LoadShedLayer,
    service_fn, timeout::TimeoutLayer,
};

/// Wait to be released.
#[mcp_tool]
async fn wait(State(probe): State<Probe>) -> &'static str {
    probe.hold().await;
    "waited"
}

/// Add two integers.
#[mcp_tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn call(tool: &str) -> Post {
    Post::call(tool, json!({}))
}

/// A layer that refuses calls of the tool `leak` and passes on all else.
fn refusing(refusal: Refusal) -> McpService {
    let layer = layer_fn(move |route: Route| {
        let refusal = refusal.clone();
        service_fn(move |request: Request| {
            let refused = request.target_name() == Some("leak");
            let (route, refusal) = (route.clone(), refusal.clone());
            async move {
                if refused {
                    return Err(refusal.into());
                }
                tower::ServiceExt::oneshot(route, request).await
            }
        })
    });
    McpService::new(builder().layer(layer).build())
}

#[tokio::test]
async fn a_refusal_from_a_layer_becomes_a_status_with_its_headers() {
    let challenge = HeaderValue::from_static("Bearer scope=\"leaks\"");
    let (limited, busy) = (Refusal::rate_limited(), Refusal::overloaded());
    let unauthorized = Refusal::new(
        mcp_tower::core::RefusalKind::Authorization,
        http::StatusCode::UNAUTHORIZED,
        ErrorObject::new(ErrorCode::INVALID_REQUEST, "a token is needed"),
    );
    let own = Refusal::answer(ErrorObject::new(ErrorCode(7), "mine"));
    let table = [
        (
            limited.with_retry_after(Duration::from_millis(1_500)),
            429,
            -32603,
            ("retry-after", "2"),
        ),
        (
            busy.with_retry_after(Duration::from_secs(9)),
            503,
            -32603,
            ("retry-after", "9"),
        ),
        (
            unauthorized.with_challenge(challenge),
            401,
            -32600,
            ("www-authenticate", "Bearer scope=\"leaks\""),
        ),
        (
            Refusal::forbidden("no"),
            403,
            -32600,
            ("content-type", "application/json"),
        ),
        (own, 200, 7, ("content-type", "application/json")),
    ];
    for (refusal, status, code, (name, value)) in table {
        let service = refusing(refusal);
        let session = open(&service, "2025-11-25").await;
        let legacy = Post::legacy_call("leak", json!({})).session(&session);
        let cases = [
            Case::refused("modern", call("leak"), status, code).header(name, value),
            Case::refused("legacy", legacy, status, code).header(name, value),
            Case::served("another tool", call("explain")),
        ];
        check(&service, &cases).await;
    }
}

/// An error that nobody else knows.
#[derive(Clone, Debug)]
struct Odd;

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret in a layer")
    }
}

impl std::error::Error for Odd {}

#[tokio::test]
async fn an_unknown_error_of_a_layer_is_redacted() {
    let layer = layer_fn(|_: Route| service_fn(|_: Request| ready(Err::<Response, _>(Odd))));
    let server = Server::builder("odd", "1").tool(add).tool_with(odd, layer);
    let service = McpService::new(server.build());
    let session = open(&service, "2025-11-25").await;
    let legacy = Post::legacy_call("odd", json!({})).session(&session);
    let cases = [
        Case::refused("modern", call("odd"), 200, -32603),
        Case::refused("legacy", legacy.clone(), 200, -32603),
    ];
    check(&service, &cases).await;
    let running = http_tests::hyper(service).await;
    let mut client = Client::connect(running.address).await;
    for post in [call("odd"), legacy] {
        let reply = client.send(&post).await;
        assert!(!String::from_utf8_lossy(&reply.body).contains("secret"));
    }
}

/// Never run.
#[mcp_tool]
async fn odd() -> &'static str {
    "odd"
}

#[tokio::test]
async fn a_panic_in_a_layer_is_an_internal_error() {
    let layer = layer_fn(|route: Route| {
        service_fn(move |request: Request| {
            let route = route.clone();
            async move {
                assert!(
                    request.target_name() != Some("explain"),
                    "a secret in a layer"
                );
                tower::ServiceExt::oneshot(route, request).await
            }
        })
    });
    let service = McpService::new(builder().layer(layer).build());
    let session = open(&service, "2025-11-25").await;
    let legacy = Post::legacy_call("explain", json!({})).session(&session);
    let cases = [
        Case::refused("modern", call("explain"), 200, -32603),
        Case::refused("legacy", legacy, 200, -32603),
    ];
    check(&service, &cases).await;
}

/// One call is held; the next must find no room, and a later one must find it again.
async fn one_at_a_time(running: &Running, probe: &Probe) {
    let mut first = Client::connect(running.address).await;
    let mut second = Client::connect(running.address).await;
    first.write(&call("wait")).await;
    probe.entered().await;
    let refused = second.send(&call("wait")).await;
    assert_eq!(refused.status, 503, "{} {refused:?}", running.name);
    assert_eq!(refused.json()["error"]["code"], -32603);
    probe.release();
    assert_eq!(first.reply().await.text(), "waited");
    probe.finished().await;
    probe.dropped().await;
    probe.release();
    assert_eq!(second.send(&call("wait")).await.text(), "waited");
    probe.entered().await;
    probe.finished().await;
    probe.dropped().await;
}

#[tokio::test]
async fn load_shed_and_a_limit_around_the_server() {
    let probe = Probe::default();
    let limit = ServiceBuilder::new()
        .layer(LoadShedLayer::new())
        .layer(ConcurrencyLimitLayer::new(1))
        .into_inner();
    let server = Server::builder("limited", "1")
        .state(probe.clone())
        .tool(wait);
    let service = McpService::new(server.layer(limit).build());
    for running in all(&service).await {
        one_at_a_time(&running, &probe).await;
    }
}

#[tokio::test]
async fn load_shed_and_a_limit_around_a_tool() {
    let probe = Probe::default();
    let limit = ServiceBuilder::new()
        .layer(LoadShedLayer::new())
        .layer(ConcurrencyLimitLayer::new(1))
        .into_inner();
    let server = Server::builder("limited", "1").state(probe.clone());
    let server = server.tool_with(wait, limit).tool(add);
    let service = McpService::new(server.build());
    for running in all(&service).await {
        one_at_a_time(&running, &probe).await;
        // Other tools have room all the time.
        let mut held = Client::connect(running.address).await;
        held.write(&call("wait")).await;
        probe.entered().await;
        let mut client = Client::connect(running.address).await;
        let sum = client
            .send(&Post::call("add", json!({"a": 2, "b": 3})))
            .await;
        assert_eq!(sum.text(), "5");
        probe.release();
        assert_eq!(held.reply().await.text(), "waited");
        probe.finished().await;
        probe.dropped().await;
    }
}

#[tokio::test]
async fn a_timeout_at_either_height_is_told_like_a_deadline() {
    let probe = Probe::default();
    let timeout = || TimeoutLayer::new(Duration::from_millis(20));
    let server = || Server::builder("timely", "1").state(probe.clone());
    let around_server = server().tool(wait).tool(add).layer(timeout()).build();
    let around_tool = server().tool_with(wait, timeout()).tool(add).build();
    for server in [around_server, around_tool] {
        let service = McpService::new(server);
        for running in all(&service).await {
            let mut client = Client::connect(running.address).await;
            let reply = client.send(&call("wait")).await;
            assert_eq!(
                reply.result()["isError"],
                true,
                "{} {reply:?}",
                running.name
            );
            assert_eq!(reply.text(), "timed out");
            probe.dropped().await;
        }
    }
}
