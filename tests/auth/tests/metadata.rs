//! The document that says where to get a token: where it is, who may read it, and that it stays
//! right behind prefixes and proxies.

use auth_tests::{ISSUER, Issuer, RESOURCE, auth, metadata, server, service};
use http_tests::{Client, Post, Reply, Running, all, hyper, serve_axum};
use mcp_tower::{
    McpLayer, McpService,
    auth::{AuthLayer, MetadataService},
    serve,
};
use serde_json::{Value, json};
use std::future::IntoFuture;
use tokio::net::TcpListener;
use tonic::transport::server::{Server, TcpIncoming};
use tower::ServiceBuilder;

const ROOT: &str = "/.well-known/oauth-protected-resource";
const FULL: &str = "/.well-known/oauth-protected-resource/tools/mcp";

fn document() -> Value {
    json!({
        "resource": RESOURCE,
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["notes:read"],
    })
}

async fn send(running: &Running, verb: &str, path: &str) -> Reply {
    let mut client = Client::connect(running.address).await;
    // As a browser sends it for a page of another site, with a host that only a proxy knows.
    let post = Post::raw("").verb(verb).path(path);
    let post = post.add("origin", "https://client.example.com");
    let post = post.add("mcp-protocol-version", "2026-07-28");
    let post = post.add("x-forwarded-host", "evil.example.com");
    client.write(&post).await;
    if verb == "HEAD" {
        let head = client.head().await;
        let (status, headers) = (head.status, head.headers);
        let body = bytes::Bytes::new();
        return Reply {
            status,
            headers,
            body,
        };
    }
    client.reply().await
}

/// Everything that is promised of one path.
async fn is_there(running: &Running, path: &str) {
    let got = send(running, "GET", path).await;
    assert_eq!(got.status, 200, "{}: {got:?}", running.name);
    assert_eq!(got.json(), document());
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!(got.header("cache-control"), "public, max-age=3600");
    assert_eq!(got.header("access-control-allow-origin"), "*");
    let head = send(running, "HEAD", path).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-length"), got.body.len().to_string());
    let preflight = send(running, "OPTIONS", path).await;
    assert_eq!((preflight.status, preflight.body.len()), (204, 0));
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(preflight.header("access-control-allow-headers"), "*");
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        "GET, HEAD, OPTIONS"
    );
    let put = send(running, "PUT", path).await;
    assert_eq!(put.status, 405);
    assert_eq!(put.header("allow"), "GET, HEAD, OPTIONS");
}

async fn is_challenged(running: &Running, path: &str) {
    let mut client = Client::connect(running.address).await;
    let reply = client
        .send(&Post::call("whoami", json!({})).path(path))
        .await;
    assert_eq!(reply.status, 401, "{}", running.name);
    let challenge = reply.header("www-authenticate");
    let url = format!("https://mcp.example.com{FULL}");
    assert!(
        challenge.contains(&format!(r#"resource_metadata="{url}""#)),
        "{challenge}"
    );
}

#[tokio::test]
async fn every_mount_answers_where_it_sees_the_paths() {
    for running in all(&service(&Issuer::new("one"))).await {
        is_there(&running, ROOT).await;
        is_there(&running, FULL).await;
        is_challenged(&running, "/mcp").await;
    }
}

#[tokio::test]
async fn without_authorization_there_is_none() {
    for running in all(&McpService::new(server())).await {
        for path in [ROOT, FULL] {
            // tonic answers 200 with a status of its own to whatever it does not know.
            let reply = send(&running, "GET", path).await;
            let text = String::from_utf8_lossy(&reply.body);
            assert!(!text.contains(ISSUER), "{}: {path}", running.name);
        }
    }
}

/// axum strips prefixes: the endpoint is at `/tools/mcp` for its clients, at `/mcp` or `/` for
/// itself.
#[tokio::test]
async fn under_a_prefix_the_root_answers() {
    let issuer = Issuer::new("one");
    let service = service(&issuer);
    let layered = axum::Router::new()
        .fallback(|| async { "the inner fallback" })
        .layer(McpLayer::new(service.clone()));
    let inners = [
        axum::Router::new().route_service("/mcp", service.clone()),
        axum::Router::new().nest_service("/mcp", service),
        layered,
    ];
    for inner in inners {
        let document = MetadataService::new(&metadata());
        let router = axum::Router::new()
            .nest("/tools", inner)
            .route_service(ROOT, document.clone())
            .route_service(&metadata().path(), document);
        let running = serve_axum(router).await;
        is_there(&running, ROOT).await;
        is_there(&running, FULL).await;
        is_challenged(&running, "/tools/mcp").await;
        let mut client = Client::connect(running.address).await;
        let good = Post::call("whoami", json!({})).path("/tools/mcp");
        let good = good.add("authorization", format!("Bearer {}", issuer.token("ada")));
        assert_eq!(client.send(&good).await.status, 200);
    }
}

/// A proxy took `/tools` away before it asked; the public URL is what counts.
#[tokio::test]
async fn behind_a_proxy_the_public_url_counts() {
    let app = ServiceBuilder::new()
        .layer(AuthLayer::new(auth(&Issuer::new("one"))))
        .service(McpService::new(server()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move { serve(listener, app).await.unwrap() });
    let mut client = Client::connect(address).await;
    let post = Post::raw("")
        .verb("GET")
        .path(FULL)
        .set("host", "10.0.0.7:8080");
    let reply = client.send(&post).await;
    assert_eq!(reply.json(), document());
    let reply = client
        .send(&Post::call("whoami", json!({})).path("/"))
        .await;
    assert_eq!(
        reply.header("www-authenticate"),
        auth_tests::challenge(None)
    );
    task.abort();
}

/// gRPC beside it: the layer is around everything, and protects one path.
#[tokio::test]
async fn beside_grpc() {
    let issuer = Issuer::new("one");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_, health) = tonic_health::server::health_reporter();
    let server = Server::builder()
        .accept_http1(true)
        .layer(AuthLayer::new(auth(&issuer)).path("/mcp"))
        .layer(McpLayer::new(McpService::new(server())))
        .add_service(health)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)));
    let task = tokio::spawn(async move { server.await.unwrap() });
    let mut client = Client::connect(address).await;
    let get = Post::raw("").verb("GET").path(FULL);
    assert_eq!(client.send(&get).await.json(), document());
    let call = Post::call("whoami", json!({}));
    assert_eq!(client.send(&call).await.status, 401);
    let good = call.add("authorization", format!("Bearer {}", issuer.token("ada")));
    assert_eq!(client.send(&good).await.status, 200);
    // Not ours to protect: tonic answers, in its own way.
    let grpc = Post::raw("").path("/grpc.health.v1.Health/Check");
    let grpc = grpc.set("content-type", "application/grpc");
    let reply = client.send(&grpc).await;
    assert!(!reply.headers.contains_key("www-authenticate"), "{reply:?}");
    assert_eq!(reply.status, 200);
    task.abort();
}

#[tokio::test]
async fn alone_it_answers_its_paths_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = serve(listener, MetadataService::new(&metadata())).into_future();
    let task = tokio::spawn(async move { server.await.unwrap() });
    let mut client = Client::connect(address).await;
    for (path, status) in [(ROOT, 200), (FULL, 200), ("/", 404), ("/mcp", 404)] {
        let reply = client.send(&Post::raw("").verb("GET").path(path)).await;
        assert_eq!(reply.status, status, "{path}");
    }
    // Another endpoint of the same host has a document of its own.
    let other = Post::raw("").verb("GET").path(&format!("{ROOT}/other/mcp"));
    assert_eq!(client.send(&other).await.status, 404);
    task.abort();
}

/// Nothing of the document comes from the request.
#[tokio::test]
async fn a_forged_host_changes_nothing() {
    let running = hyper(service(&Issuer::new("one"))).await;
    let mut client = Client::connect(running.address).await;
    let forged = Post::raw("").verb("GET").path(ROOT);
    let forged = forged.set("host", "evil.example.com");
    let forged = forged.add("forwarded", "host=evil.example.com;proto=http");
    assert_eq!(client.send(&forged).await.json(), document());
}
