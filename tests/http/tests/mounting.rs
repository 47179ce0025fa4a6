//! Where an endpoint can be put: routes, nested routers, layers around any service.

use axum::{Router, body::Body, extract::Request, routing::any_service};
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use http_tests::{Client, Post, Running, all, serve_axum, server};
use mcp_tower::{McpLayer, McpService};
use serde_json::json;
use std::{collections::VecDeque, convert::Infallible, fmt, pin::Pin, task};
use tower::{Layer, Service, ServiceExt, service_fn};

fn add() -> Post {
    Post::call("add", json!({"a": 2, "b": 3}))
}

async fn answers_at(running: &Running, path: &str) {
    let mut client = Client::connect(running.address).await;
    let reply = client.send(&add().path(path)).await;
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    assert_eq!(reply.text(), "5", "{path}");
}

async fn is_missing_at(running: &Running, path: &str) {
    let mut client = Client::connect(running.address).await;
    assert_eq!(client.send(&add().path(path)).await.status, 404, "{path}");
}

/// A router whose layer is the endpoint. Of a nested router without a fallback, axum keeps only
/// the routes: a path that is no route would not reach the layer.
fn layered() -> Router {
    Router::new()
        .route("/", axum::routing::get(|| async { "inner" }))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(McpLayer::new(server()).path("/mcp"))
}

#[tokio::test]
async fn a_layered_router_can_be_nested() {
    let as_service = Router::new()
        .route("/", axum::routing::get(|| async { "inner" }))
        .layer(McpLayer::new(server()));
    let app = Router::new()
        .nest("/api", layered())
        .nest_service("/service", as_service);
    let running = serve_axum(app).await;
    for path in ["/api/mcp", "/service/mcp"] {
        answers_at(&running, path).await;
    }
    for path in ["/mcp", "/api/mcp/more", "/api/mcpx"] {
        is_missing_at(&running, path).await;
    }
}

#[tokio::test]
async fn a_nested_router_can_be_layered() {
    let inner = Router::new().route("/", axum::routing::get(|| async { "inner" }));
    let app = Router::new()
        .nest("/api", inner)
        .layer(McpLayer::new(server()).path("/api/mcp"));
    let running = serve_axum(app).await;
    answers_at(&running, "/api/mcp").await;
    is_missing_at(&running, "/mcp").await;
}

#[tokio::test]
async fn an_endpoint_is_a_service_for_routes() {
    let service = server();
    let app = Router::new()
        .route_service("/mcp", service.clone())
        .nest_service("/nested", service.clone())
        .nest("/deep", Router::new().route_service("/er", service.clone()))
        .route("/any", any_service(service));
    let running = serve_axum(app).await;
    for path in [
        "/mcp",
        "/mcp?query=1",
        "/nested",
        "/nested/whatever",
        "/deep/er",
        "/any",
    ] {
        answers_at(&running, path).await;
    }
    for path in ["/", "/mcp/", "/deep"] {
        is_missing_at(&running, path).await;
    }
}

#[tokio::test]
async fn an_endpoint_may_answer_everything() {
    let app = Router::new().fallback_service(server());
    let running = serve_axum(app).await;
    answers_at(&running, "/").await;
    answers_at(&running, "/wherever").await;
}

#[tokio::test]
async fn only_its_path_is_the_layers() {
    for running in all(&server()).await {
        answers_at(&running, "/mcp").await;
        answers_at(&running, "/mcp?query=1").await;
        for path in ["/mcp/", "/MCP", "/mcpx", "//mcp", "/mcp/x", "/%6Dcp"] {
            let mut client = Client::connect(running.address).await;
            let reply = client.send(&add().path(path)).await;
            let body = String::from_utf8_lossy(&reply.body);
            assert!(!body.contains("jsonrpc"), "{} {path}", running.name);
        }
    }
}

#[tokio::test]
async fn the_rest_of_an_application_is_untouched() {
    let echo = |headers: HeaderMap, request: Request| async move {
        let trace = headers["x-trace"].clone();
        Response::builder()
            .status(StatusCode::IM_A_TEAPOT)
            .header("x-trace", trace)
            .body(request.into_body())
            .unwrap()
    };
    let app = Router::new()
        .route("/echo", axum::routing::post(echo))
        .layer(McpLayer::new(server()));
    let running = serve_axum(app).await;
    let mut client = Client::connect(running.address).await;
    // Neither host nor media type nor JSON is any business of the layer's here.
    let post = Post::raw(vec![0xff; 100_000])
        .path("/echo")
        .set("host", "evil.example.com")
        .set("content-type", "text/plain")
        .set("x-trace", "t-1");
    let reply = client.send(&post).await;
    assert_eq!((reply.status, reply.header("x-trace")), (418, "t-1"));
    assert_eq!(reply.body, vec![0xff; 100_000]);
    assert_eq!(client.send(&add()).await.text(), "5");
}

/// An error that is nothing but itself: neither boxed nor converted.
#[derive(Debug, PartialEq)]
struct Odd(u8);

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "odd {}", self.0)
    }
}

impl std::error::Error for Odd {}

#[tokio::test]
async fn the_inner_service_keeps_its_error_and_body() {
    let inner = service_fn(|request: http::Request<Full<Bytes>>| async move {
        match request.uri().path() {
            "/fails" => Err(Odd(1)),
            _ => {
                let frames = [Ok(Frame::data(Bytes::from_static(b"a"))), Err(Odd(2))];
                Ok(Response::new(Frames(frames.into())))
            }
        }
    });
    let app = McpLayer::new(server()).layer(inner);
    let request = |path: &str| add().path(path).request();
    assert_eq!(
        app.clone().oneshot(request("/fails")).await.unwrap_err(),
        Odd(1)
    );
    let mut body = app
        .clone()
        .oneshot(request("/body"))
        .await
        .unwrap()
        .into_body();
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "a"
    );
    assert_eq!(body.frame().await.unwrap().unwrap_err(), Odd(2));
    let reply = app.oneshot(request("/mcp")).await.unwrap();
    assert_eq!(reply.status(), 200);
}

/// A body that fails.
#[derive(Debug)]
struct Frames(VecDeque<Result<Frame<Bytes>, Odd>>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Odd;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> task::Poll<Option<Result<Frame<Bytes>, Odd>>> {
        task::Poll::Ready(self.0.pop_front())
    }
}

#[tokio::test]
async fn layers_go_through_readiness_of_the_inner_service() {
    let inner = tower::ServiceBuilder::new()
        .load_shed()
        .concurrency_limit(1)
        .service(service_fn(|_: http::Request<Body>| async {
            std::future::pending::<Result<Response<Body>, Infallible>>().await
        }));
    let mut app = McpLayer::new(server()).layer(inner);
    let request = || http::Request::new(Body::empty());
    let held = app.ready().await.unwrap().call(request());
    let error = app
        .ready()
        .await
        .unwrap()
        .call(request())
        .await
        .unwrap_err();
    assert!(error.is::<tower::load_shed::error::Overloaded>());
    drop(held);
}

#[test]
fn mounts_are_cheap_to_share() {
    fn check<T: Clone + Send + Sync + 'static>(_: &T) {}
    check(&server());
    let layer = McpLayer::new(server());
    check(&layer);
    check(&layer.layer(mcp_tower::serve::not_found()));
    fn send<T: Send>(_: &T) {}
    send(&server().oneshot(add().request()));
    let _: McpService = server();
}
