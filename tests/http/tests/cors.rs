//! Cross-origin requests, as a browser makes and reads them: of the mount itself, and of
//! `tower-http` with the same lists around a layer that answers before the mount does.

use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header::RETRY_AFTER};
use http_tests::{Client, MODERN, Post, Reply, Running, all, serve_axum, server};
use mcp_tower::{AllowedHosts, Cors, McpService};
use serde_json::json;
use std::{convert::Infallible, time::Duration};
use tower::ServiceExt;
use tower_http::cors::{AllowOrigin, CorsLayer};

const PAGE: &str = "https://app.example.com";
const ALLOW_HEADERS: &str = "content-type, accept, authorization, mcp-protocol-version, \
                             mcp-session-id, last-event-id, mcp-method, mcp-name";
const PREFLIGHT_VARY: [&str; 3] = [
    "access-control-request-headers",
    "access-control-request-method",
    "origin",
];

fn hosts() -> AllowedHosts {
    AllowedHosts::new().allow_origin(PAGE)
}

fn service() -> McpService {
    server().allowed_hosts(hosts()).cors(Cors::new())
}

fn add() -> Post {
    Post::call("add", json!({"a": 2, "b": 3})).set("origin", PAGE)
}

/// What a browser asks before it sends a POST with these headers.
fn preflight(headers: &str) -> Post {
    Post::raw("")
        .verb("OPTIONS")
        .without("content-type")
        .without("accept")
        .set("origin", PAGE)
        .set("access-control-request-method", "POST")
        .set("access-control-request-headers", headers)
}

/// The elements of a header that is a list, in order of the alphabet.
fn elements(reply: &Reply, name: &str) -> Vec<String> {
    let mut elements = Vec::new();
    for value in reply.headers.get_all(name) {
        let values = value.to_str().unwrap().split(',');
        elements.extend(values.map(|value| value.trim().to_ascii_lowercase()));
    }
    elements.sort();
    elements
}

/// What a page may know of an answer.
fn readable(reply: &Reply, origin: &str) {
    assert_eq!(reply.header("access-control-allow-origin"), origin);
    let exposed = elements(reply, "access-control-expose-headers");
    assert_eq!(exposed, ["mcp-session-id", "www-authenticate"]);
    let vary = elements(reply, "vary");
    assert!(vary.contains(&"origin".to_owned()), "{reply:?}");
}

#[tokio::test]
async fn a_preflight_allows_what_clients_send() {
    for running in all(&service()).await {
        let mut client = Client::connect(running.address).await;
        let reply = client.send(&preflight("content-type,mcp-method")).await;
        assert_eq!((reply.status, reply.body.len()), (204, 0), "{reply:?}");
        readable(&reply, PAGE);
        assert_eq!(reply.header("access-control-allow-headers"), ALLOW_HEADERS);
        let methods = reply.header("access-control-allow-methods");
        assert_eq!(methods, "GET, POST, DELETE", "{}", running.name);
        assert_eq!(reply.header("access-control-max-age"), "7200");
        assert_eq!(elements(&reply, "vary"), PREFLIGHT_VARY);
        assert!(
            !reply
                .headers
                .contains_key("access-control-allow-credentials")
        );
        assert_eq!(client.send(&add()).await.text(), "5");
    }
}

#[tokio::test]
async fn a_preflight_allows_mirrored_arguments_by_name_and_nothing_else() {
    let running = http_tests::hyper(service()).await;
    let mut client = Client::connect(running.address).await;
    let asked = "Mcp-Param-Region , x-secret,mcp-param-, , mcp-param-b\u{e9}d, mcp-param-shard";
    let reply = client.send(&preflight(asked)).await;
    let allowed = reply.header("access-control-allow-headers");
    let more = allowed.strip_prefix(ALLOW_HEADERS).unwrap();
    assert_eq!(more, ", mcp-param-region, mcp-param-, mcp-param-shard");
}

#[tokio::test]
async fn a_preflight_needs_no_server() {
    struct Nobody;
    impl mcp_tower::Resolve for Nobody {
        async fn resolve(
            &self,
            _: &http::request::Parts,
            _: &mcp_tower::Principal,
        ) -> Result<mcp_tower::Resolved, mcp_tower::Unresolved> {
            Err(mcp_tower::Unresolved::unknown())
        }
    }
    let service = McpService::resolved_by(Nobody).allowed_hosts(hosts());
    let running = http_tests::hyper(service.cors(Cors::new())).await;
    let mut client = Client::connect(running.address).await;
    assert_eq!(client.send(&preflight("accept")).await.status, 204);
    let reply = client.send(&add()).await;
    assert_eq!(reply.status, 404);
    readable(&reply, PAGE);
}

#[tokio::test]
async fn every_answer_can_be_read_by_the_page() {
    let service = service();
    let cases = [
        (add(), 200),
        (Post::initialize("2025-11-25"), 200),
        (Post::call("talk", json!({})), 200),
        (Post::call("nothing", json!({})), 200),
        (Post::raw("{"), 400),
        (add().set("content-type", "text/plain"), 415),
        (add().set("accept", "text/html"), 406),
        (add().without("mcp-method"), 400),
        (Post::raw("").verb("PUT"), 405),
        (Post::raw("").verb("DELETE").session("unknown"), 404),
    ];
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        for (post, status) in &cases {
            let reply = client.send(&post.clone().set("origin", PAGE)).await;
            assert_eq!(reply.status, *status, "{} {reply:?}", running.name);
            readable(&reply, PAGE);
        }
        let session = client.open("2025-11-25").await;
        let delete = Post::raw("").verb("DELETE").session(&session);
        let reply = client.send(&delete.set("origin", PAGE)).await;
        assert_eq!(reply.status, 204, "{}", running.name);
        readable(&reply, PAGE);
        let reply = client.send(&Post::call("talk", json!({}))).await;
        // Without an origin there is no page, but a cache must know that there might have been.
        assert!(!reply.headers.contains_key("access-control-allow-origin"));
        assert_eq!(elements(&reply, "vary"), ["origin"]);
    }
}

#[tokio::test]
async fn other_pages_learn_nothing() {
    for running in all(&service()).await {
        let mut client = Client::connect(running.address).await;
        for post in [preflight("content-type"), add()] {
            for origin in ["https://evil.example.com", "http://app.example.com", "null"] {
                let reply = client.send(&post.clone().set("origin", origin)).await;
                assert_eq!(reply.status, 403, "{} {origin}", running.name);
                let mut names = reply.headers.keys();
                let told = names.any(|name| name.as_str().starts_with("access-control"));
                assert!(!told, "{reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_methods_are_those_of_the_mount() {
    let with = |service: McpService| service.allowed_hosts(hosts()).cors(Cors::new());
    let table = [
        (
            with(server()),
            "GET, POST, DELETE",
            "GET, POST, DELETE, OPTIONS",
        ),
        (with(server().without_sessions()), "POST", "POST, OPTIONS"),
    ];
    for (service, methods, allow) in table {
        let running = http_tests::hyper(service).await;
        let mut client = Client::connect(running.address).await;
        let reply = client.send(&preflight("accept")).await;
        assert_eq!(reply.header("access-control-allow-methods"), methods);
        // Not a preflight: somebody wants to know what there is.
        let options = Post::raw("").verb("OPTIONS");
        let reply = client.send(&options).await;
        assert_eq!((reply.status, reply.header("allow")), (204, allow));
        let reply = client.send(&Post::raw("").verb("PUT")).await;
        assert_eq!((reply.status, reply.header("allow")), (405, allow));
        let modern = Post::raw("")
            .verb("GET")
            .set("mcp-protocol-version", MODERN);
        let reply = client.send(&modern).await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, "POST, OPTIONS")
        );
    }
}

#[tokio::test]
async fn options_can_be_widened() {
    let cors = Cors::new()
        .credentials()
        .max_age(Duration::from_millis(60_900))
        .allow_header(HeaderName::from_static("x-tenant"))
        .expose_header(RETRY_AFTER);
    let service = server().cors(cors);
    let listed = service.clone().allowed_hosts(hosts());
    let running = http_tests::hyper(listed).await;
    let mut client = Client::connect(running.address).await;
    let reply = client.send(&preflight("x-tenant, mcp-param-a")).await;
    let allowed = reply.header("access-control-allow-headers");
    assert_eq!(allowed, format!("{ALLOW_HEADERS}, x-tenant, mcp-param-a"));
    assert_eq!(reply.header("access-control-max-age"), "60");
    assert_eq!(reply.header("access-control-allow-credentials"), "true");
    let exposed = elements(&client.send(&add()).await, "access-control-expose-headers");
    assert_eq!(
        exposed,
        ["mcp-session-id", "retry-after", "www-authenticate"]
    );
    // Whoever lets in every page does not hand them the cookies of its users.
    let any = service.allowed_hosts(AllowedHosts::new().allow_any_origin());
    let running = http_tests::hyper(any).await;
    let mut client = Client::connect(running.address).await;
    let reply = client.send(&add()).await;
    assert_eq!(reply.header("access-control-allow-origin"), PAGE);
    assert!(
        !reply
            .headers
            .contains_key("access-control-allow-credentials")
    );
}

/// An application with a login of its own in front of the endpoint.
async fn behind_a_login(cors: CorsLayer) -> Running {
    let login = |request: Request<axum::body::Body>, next: axum::middleware::Next| async move {
        if request.headers().contains_key("authorization") {
            return next.run(request).await;
        }
        let mut reply = Response::new(axum::body::Body::empty());
        *reply.status_mut() = StatusCode::UNAUTHORIZED;
        let challenge = HeaderValue::from_static("Bearer");
        reply.headers_mut().insert("www-authenticate", challenge);
        reply
    };
    let app = axum::Router::new()
        .route_service("/mcp", server().allowed_hosts(hosts()))
        .layer(axum::middleware::from_fn(login))
        .layer(cors);
    serve_axum(app).await
}

#[tokio::test]
async fn the_same_lists_work_around_a_layer_that_answers_first() {
    let hosts = hosts();
    let params = [HeaderName::from_static("mcp-param-region")];
    let headers = Cors::REQUEST_HEADERS.into_iter().chain(params);
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            hosts.allows_origin(origin)
        }))
        .allow_methods(Cors::METHODS)
        .allow_headers(headers.collect::<Vec<_>>())
        .expose_headers(Cors::RESPONSE_HEADERS)
        .max_age(Cors::MAX_AGE);
    let running = behind_a_login(cors).await;
    let mut client = Client::connect(running.address).await;
    let reply = client.send(&preflight("authorization")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), PAGE);
    assert!(elements(&reply, "vary").contains(&"origin".to_owned()));
    let native = http_tests::hyper(service()).await;
    let native = Client::connect(native.address)
        .await
        .send(&preflight("mcp-param-region"))
        .await;
    for name in [
        "access-control-allow-headers",
        "access-control-allow-methods",
    ] {
        assert_eq!(elements(&reply, name), elements(&native, name), "{name}");
    }
    assert_eq!(
        reply.header("access-control-max-age"),
        native.header("access-control-max-age")
    );
    // The answer of the login can be read, and so can the endpoint's.
    let reply = client.send(&add()).await;
    assert_eq!(
        (reply.status, reply.header("www-authenticate")),
        (401, "Bearer")
    );
    readable(&reply, PAGE);
    let reply = client.send(&add().set("authorization", "Bearer x")).await;
    assert_eq!(reply.text(), "5");
    readable(&reply, PAGE);
    // Its browser keeps the answer from the page; the endpoint refuses it besides.
    let evil = add().set("authorization", "Bearer x");
    let reply = client
        .send(&evil.set("origin", "https://evil.example.com"))
        .await;
    assert_eq!(reply.status, 403);
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn without_cors_there_is_none() {
    let reply = server().oneshot(
        preflight("accept")
            .set("origin", "http://localhost")
            .request(),
    );
    let reply: Result<_, Infallible> = reply.await;
    let reply = reply.unwrap();
    assert_eq!(reply.status(), 405);
    assert_eq!(reply.headers()["allow"], "GET, POST, DELETE");
    assert!(!reply.headers().contains_key("access-control-allow-origin"));
    assert!(!reply.headers().contains_key("vary"));
}
