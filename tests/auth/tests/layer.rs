//! The layer around whole stacks: what it protects, what it lets through, what it completes.

use auth_tests::{DOCUMENT, Issuer, auth, challenge, server};
use http::HeaderValue;
use http_tests::{Client, Post, Running, serve_axum};
use mcp_tower::{
    Extension, FromContext, McpLayer, McpService, Refusal, RequestError, Server,
    auth::{AuthLayer, Identity},
    mcp_tool,
};
use serde_json::json;

fn good(post: Post, issuer: &Issuer) -> Post {
    post.add("authorization", format!("Bearer {}", issuer.token("ada")))
}

fn get(path: &str) -> Post {
    Post::raw("").verb("GET").path(path)
}

async fn app(layer: AuthLayer, mcp: McpService) -> Running {
    let home = axum::routing::get(|| async { "home" });
    let user = axum::routing::get(|user: Option<axum::Extension<Identity>>| async move {
        let name = user.and_then(|user| user.principal().subject().map(str::to_owned));
        name.unwrap_or_else(|| "nobody".to_owned())
    });
    let router = axum::Router::new()
        .route("/", home)
        .route("/mcp-docs", home_of_docs())
        .route("/user", user)
        .layer(McpLayer::new(mcp))
        .layer(layer);
    serve_axum(router).await
}

fn home_of_docs() -> axum::routing::MethodRouter {
    axum::routing::get(|| async { "docs" })
}

#[tokio::test]
async fn everything_inside_is_protected() {
    let issuer = Issuer::new("one");
    let running = app(AuthLayer::new(auth(&issuer)), McpService::new(server())).await;
    let mut client = Client::connect(running.address).await;
    for post in [
        get("/"),
        get("/user"),
        get("/nowhere"),
        Post::call("whoami", json!({})),
    ] {
        let reply = client.send(&post).await;
        assert_eq!(reply.status, 401, "{post:?}");
        assert_eq!(reply.header("www-authenticate"), challenge(None));
    }
    let user = client.send(&good(get("/user"), &issuer)).await;
    assert_eq!(user.body, "ada");
    assert_eq!(
        client.send(&good(get("/nowhere"), &issuer)).await.status,
        404
    );
    let call = good(Post::call("whoami", json!({})), &issuer);
    assert!(
        client
            .send(&call)
            .await
            .text()
            .contains(r#""subject":"ada""#)
    );
}

#[tokio::test]
async fn one_path_and_what_is_below_it() {
    let issuer = Issuer::new("one");
    let layer = AuthLayer::new(auth(&issuer)).path("/mcp");
    let running = app(layer, McpService::new(server())).await;
    let mut client = Client::connect(running.address).await;
    for (path, status) in [
        ("/", 200),
        ("/user", 200),
        ("/mcp-docs", 200),
        ("/mcp/x", 401),
    ] {
        assert_eq!(client.send(&get(path)).await.status, status, "{path}");
    }
    // What is let through is not even read.
    let odd = get("/user").add("authorization", "Bearer ???");
    assert_eq!(client.send(&odd).await.body, "nobody");
    assert_eq!(
        client.send(&Post::call("whoami", json!({}))).await.status,
        401
    );
}

#[tokio::test]
async fn a_preflight_passes_and_nothing_else_without_a_token() {
    let issuer = Issuer::new("one");
    let router = axum::Router::new()
        .route(
            "/mcp",
            axum::routing::any(|request: axum::extract::Request| async move {
                assert!(!request.headers().contains_key("authorization"));
                "inside"
            }),
        )
        .layer(AuthLayer::new(auth(&issuer)));
    let running = serve_axum(router).await;
    let mut client = Client::connect(running.address).await;
    let options = || Post::raw("").verb("OPTIONS");
    let preflight = options()
        .add("origin", "https://client.example.com")
        .add("access-control-request-method", "POST");
    assert_eq!(client.send(&preflight).await.body, "inside");
    // A preflight has no token; one that has loses it, unread.
    let odd = preflight.clone().add("authorization", "Bearer ???");
    assert_eq!(client.send(&odd).await.body, "inside");
    for post in [
        options(),
        options().add("origin", "https://client.example.com"),
        options().add("access-control-request-method", "POST"),
        preflight.verb("GET"),
    ] {
        assert_eq!(client.send(&post).await.status, 401, "{post:?}");
    }
}

/// Needs a scope, and says so as the core says it.
struct Writer;

impl<S: Sync> FromContext<S> for Writer {
    async fn from_context(cx: &mcp_tower::Context, state: &S) -> Result<Self, RequestError> {
        let identity = Extension::<Identity>::from_context(cx, state).await?;
        if identity.0.scopes().contains("notes:write") {
            return Ok(Self);
        }
        let challenge = r#"Bearer error="insufficient_scope", scope="notes:read notes:write""#;
        let refusal = Refusal::forbidden("more scopes are needed");
        let refusal = refusal.with_challenge(HeaderValue::from_static(challenge));
        Err(RequestError::refused(refusal))
    }
}

/// Write.
#[mcp_tool]
async fn write(_writer: Writer) -> &'static str {
    "written"
}

#[tokio::test]
async fn the_challenge_of_an_operation_is_completed_in_both_eras() {
    let issuer = Issuer::new("one");
    let server = || McpService::new(Server::builder("notes", "1").tool(write).build());
    let outside = app(AuthLayer::new(auth(&issuer)), server()).await;
    let inside = http_tests::all(&server().authorize(auth(&issuer))).await;
    for running in inside.iter().chain([&outside]) {
        let mut client = Client::connect(running.address).await;
        let initialize = good(Post::initialize("2025-11-25"), &issuer);
        let session = client.send(&initialize).await;
        let session = session.header("mcp-session-id");
        for post in [
            Post::call("write", json!({})),
            Post::legacy_call("write", json!({})).session(session),
        ] {
            let reply = client.send(&good(post.clone(), &issuer)).await;
            assert_eq!(reply.status, 403, "{}: {reply:?}", running.name);
            let challenge = format!(
                r#"Bearer error="insufficient_scope", scope="notes:read notes:write", resource_metadata="{DOCUMENT}""#
            );
            assert_eq!(reply.header("www-authenticate"), challenge);
            let more = issuer.token_with("scope", json!("notes:write"));
            let more = post.add("authorization", format!("Bearer {more}"));
            assert_eq!(client.send(&more).await.text(), "written");
        }
    }
}
