//! Failures of handlers: what is shown, what is only logged, and that the connection survives.

use http_tests::{Case, Client, LEGACY, MODERN, Post, Reply, all, check, open, server};
use mcp_tower::{McpService, Refusal, RequestError, Server, ToolError, mcp_tool, protocol};
use protocol::{ErrorCode, ErrorObject};
use serde_json::{Value, json};

/// Sixteen hexadecimal digits after `reference`.
fn reference(text: &str) -> String {
    let (_, rest) = text.split_once("(reference ").expect(text);
    let reference = rest.strip_suffix(')').expect(text);
    assert_eq!(reference.len(), 16, "{text}");
    assert!(
        reference.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{text}"
    );
    reference.to_owned()
}

fn assert_secret(reply: &Reply) {
    let text = String::from_utf8_lossy(&reply.body);
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn what_was_not_written_for_clients_is_redacted() {
    let service = server();
    let mut sessions = Vec::new();
    for version in LEGACY {
        sessions.push(Some(open(&service, version).await));
    }
    sessions.push(None);
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let mut seen = std::collections::HashSet::new();
        for session in &sessions {
            for tool in ["boom", "leak"] {
                let post = match session {
                    Some(session) => Post::legacy_call(tool, json!({})).session(session),
                    None => Post::call(tool, json!({})),
                };
                let reply = client.send(&post).await;
                assert_eq!(reply.status, 200, "{}", running.name);
                assert_eq!(reply.result()["isError"], true);
                assert_secret(&reply);
                // Each failure has a name of its own in the log.
                assert!(seen.insert(reference(&reply.text())));
                let next = client
                    .send(&Post::call("add", json!({"a": 2, "b": 3})))
                    .await;
                assert_eq!(next.text(), "5");
            }
        }
    }
}

#[tokio::test]
async fn errors_of_resources_are_redacted_too() {
    for running in all(&server()).await {
        let mut client = Client::connect(running.address).await;
        let post = Post::modern("resources/read", json!({"uri": "leak://resource"}));
        let reply = client.send(&post).await;
        assert_eq!(reply.status, 200);
        assert_secret(&reply);
        let error = &reply.json()["error"];
        assert_eq!(error["code"], -32603);
        reference(error["message"].as_str().unwrap());
    }
}

#[tokio::test]
async fn what_was_written_for_models_is_shown() {
    for running in all(&server()).await {
        let mut client = Client::connect(running.address).await;
        let result = client
            .send(&Post::call("explain", json!({})))
            .await
            .result();
        assert_eq!(result["isError"], true);
        assert_eq!(result["content"][0]["text"], "try a smaller number");
    }
}

/// Answer with an error of one's own.
#[mcp_tool]
async fn own(code: i64) -> Result<String, ToolError> {
    Err(ToolError::protocol(ErrorObject::new(
        ErrorCode(code),
        "mine",
    )))
}

/// Refuse in an extractor.
struct Admin;

impl<S: Sync> mcp_tower::FromContext<S> for Admin {
    async fn from_context(cx: &mcp_tower::Context, _: &S) -> Result<Self, RequestError> {
        match cx.principal().subject() {
            Some("admin") => Ok(Self),
            Some("broken") => Err(RequestError::internal("a secret")),
            _ => Err(RequestError::refused(Refusal::forbidden(
                "administrators only",
            ))),
        }
    }
}

/// Only for some.
#[mcp_tool]
async fn restart(_admin: Admin) -> &'static str {
    "restarted"
}

#[tokio::test]
async fn the_status_follows_the_origin_and_not_the_code() {
    let server = Server::builder("errors", "1")
        .tool(own)
        .tool(restart)
        .tool(add);
    let service = McpService::new(server.build());
    let session = open(&service, "2025-11-25").await;
    let own = |code: i64| Post::call("own", json!({"code": code}));
    let restart = || Post::call("restart", json!({}));
    let legacy = |user: &str| {
        Post::legacy_call("restart", json!({}))
            .set("x-user", user)
            .session(&session)
    };
    let mut cases: Vec<_> = [-32602, -32601, -32600, -32603, 7]
        .into_iter()
        .map(|code| Case::refused(format!("{code}"), own(code), 200, code))
        .collect();
    cases.extend([
        Case::refused("not an administrator", restart(), 403, -32600),
        Case::served("an administrator", restart().set("x-user", "admin")),
        // The session belongs to nobody in particular.
        Case::refused("someone else's session", legacy("admin"), 404, -32600),
        Case::refused(
            "in a session",
            legacy("admin").without("x-user"),
            403,
            -32600,
        ),
    ]);
    check(&service, &cases).await;
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let reply = client.send(&restart().set("x-user", "broken")).await;
        assert_eq!(reply.result()["isError"], true);
        assert_secret(&reply);
        reference(&reply.text());
    }
}

/// Add two integers.
#[mcp_tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[tokio::test]
async fn no_code_of_the_reserved_range_is_made_up() {
    // One of every error this server knows; none of them may be from -32000 to -32019, but for
    // the one code that sessions have for missing resources.
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let posts = [
        Post::raw("{"),
        Post::raw("[]"),
        Post::modern("ping", json!({})),
        Post::call("sample", json!({})),
        Post::call("nothing", json!({})),
        Post::call("add", json!({})).without("mcp-name"),
        Post::modern("tools/list", json!({"cursor": ""})),
        Post::modern("resources/read", json!({"uri": "doc://nowhere"})),
        Post::modern("resources/read", json!({"uri": "leak://resource"})),
        Post::legacy("ping", json!({})),
        Post::legacy("resources/read", json!({"uri": "doc://nowhere"})).session(&session),
        Post::raw("{}").set("host", "evil.example.com"),
        Post::raw("{}").set("content-type", "text/plain"),
        Post::raw("{}").set("mcp-protocol-version", MODERN),
    ];
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        for post in &posts {
            let message: Value = client.send(post).await.json();
            let code = message["error"]["code"].as_i64().unwrap();
            assert!(
                !(-32019..=-32000).contains(&code) || code == -32002,
                "{message}"
            );
            assert_ne!(message.get("id"), Some(&Value::Null), "{message}");
        }
    }
}
