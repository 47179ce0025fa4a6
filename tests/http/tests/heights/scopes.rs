//! Scopes of operations: one challenge with everything, before anything else is looked at.

use http_tests::{Case, Client, Post, Reply, check, hyper, open};
use mcp_tower::{
    Context, McpService, Principal, ScopePolicy, Scopes, Server, ToolResult,
    core::{CacheHint, Entry, RequestError, ServerBuilder, ToolError},
    mcp_prompt, mcp_resource, mcp_tool,
    protocol::{CompletionContext, Tool},
};
use serde_json::{Value, json};
use std::time::Duration;
use tower::{ServiceBuilder, util::MapRequestLayer};

/// Free for all.
#[mcp_tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Speaks at once: whoever may not call it must not see a stream.
#[mcp_tool(scopes("notes:write", "notes:read"))]
async fn save(cx: Context, text: String) -> String {
    cx.progress(1.0).await;
    text
}

/// Needs what the client cannot do, too.
#[mcp_tool(scopes("notes:read"), requires(sampling))]
async fn ponder() -> &'static str {
    "pondered"
}

/// Mirrors an argument, too.
#[mcp_tool(scopes("notes:read"))]
async fn routed(#[mcp(header = "Region")] region: String) -> String {
    region
}

#[mcp_prompt(scopes("notes:read"))]
async fn summarize(note: String) -> String {
    note
}

#[mcp_resource("notes://all", scopes("notes:read"))]
async fn notes() -> &'static str {
    "all"
}

#[mcp_resource("notes://{id}", scopes("notes:read"))]
async fn note(id: u8) -> String {
    format!("note {id}")
}

async fn ids(_: String, _: CompletionContext, _: Context) -> Result<Vec<String>, RequestError> {
    Ok(vec!["1".to_owned()])
}

fn builder() -> ServerBuilder<()> {
    let erase = Entry::tool(Tool::new("erase"), |_, _| async {
        Ok::<_, ToolError>(ToolResult::text("erased"))
    });
    Server::builder("scoped", "1")
        .tool(add)
        .tool(save)
        .tool(ponder)
        .tool(routed)
        .entry(erase.scopes("admin").scopes("notes:write"))
        .prompt(summarize)
        .resource(notes)
        .resource(note)
        .complete("summarize", "note", ids)
        .complete("notes://{id}", "id", ids)
        .cache_lists(CacheHint::public(Duration::from_secs(60)))
}

/// Knows who calls and what they may from two headers, as an application's own login would.
fn login<B>(mut request: http::Request<B>) -> http::Request<B> {
    let header = |name| {
        let value = request.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let (user, scopes) = (header("x-user"), header("x-scopes"));
    let extensions = request.extensions_mut();
    if let Some(user) = user {
        extensions.insert(Principal::new("https://login.example.com", user));
    }
    if let Some(scopes) = scopes {
        extensions.insert(Scopes::parse(&scopes).unwrap());
    }
    request
}

/// A service that is called in this process, behind the login.
async fn send(service: &McpService, post: &Post) -> Reply {
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    let service = ServiceBuilder::new()
        .layer(MapRequestLayer::new(login::<_>))
        .service(service.clone());
    let (parts, body) = service.oneshot(post.request()).await.unwrap().into_parts();
    Reply {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

/// Every way to reach an operation, and what it needs.
fn operations() -> Vec<(&'static str, Value, &'static str)> {
    let complete = |reference: Value, argument: &str| json!({"ref": reference, "argument": {"name": argument, "value": ""}});
    let prompt = json!({"type": "ref/prompt", "name": "summarize"});
    let template = json!({"type": "ref/resource", "uri": "notes://{id}"});
    vec![
        // The arguments are wrong: that is not looked at.
        (
            "tools/call",
            json!({"name": "save", "arguments": {"text": 7}}),
            "notes:read notes:write",
        ),
        ("tools/call", json!({"name": "ponder"}), "notes:read"),
        ("tools/call", json!({"name": "routed"}), "notes:read"),
        ("tools/call", json!({"name": "erase"}), "admin notes:write"),
        ("prompts/get", json!({"name": "summarize"}), "notes:read"),
        (
            "resources/read",
            json!({"uri": "notes://all"}),
            "notes:read",
        ),
        ("resources/read", json!({"uri": "notes://x"}), "notes:read"),
        (
            "completion/complete",
            complete(prompt, "note"),
            "notes:read",
        ),
        (
            "completion/complete",
            complete(template, "id"),
            "notes:read",
        ),
    ]
}

fn challenge(scopes: &str) -> String {
    format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"")
}

fn assert_challenged(reply: &Reply, scopes: &str, what: &str) {
    assert_eq!(reply.status, 403, "{what}: {reply:?}");
    assert_eq!(
        reply.header("www-authenticate"),
        challenge(scopes),
        "{what}"
    );
    assert_eq!(reply.header("content-type"), "application/json", "{what}");
    let error = &reply.json()["error"];
    assert_eq!(error["code"], -32600, "{what}");
    assert_eq!(reply.json()["id"], 1, "{what}");
}

#[tokio::test]
async fn whoever_lacks_a_scope_is_told_all_that_are_needed() {
    let service = McpService::new(builder().build());
    // Neither a name nor a part of what is needed is enough.
    for held in [None, Some(""), Some("other"), Some("notes")] {
        for (method, params, needed) in operations() {
            let what = format!("{held:?} {method} {params}");
            let session = open(&service, "2025-11-25").await;
            let legacy = Post::legacy(method, params.clone()).session(&session);
            for post in [Post::modern(method, params), legacy] {
                let post = match held {
                    Some(held) => post.set("x-scopes", held),
                    None => post,
                };
                assert_challenged(&send(&service, &post).await, needed, &what);
            }
        }
    }
    let partly = Post::call("save", json!({"text": "x"})).set("x-scopes", "notes:write");
    let reply = send(&service, &partly).await;
    assert_challenged(&reply, "notes:read notes:write", "partly");
}

#[tokio::test]
async fn the_challenge_is_the_same_over_every_mount() {
    let service = McpService::new(builder().build());
    let session = open(&service, "2025-11-25").await;
    let call = json!({"name": "save", "arguments": {"text": "x"}});
    let legacy = Post::legacy("tools/call", call).session(&session);
    let header = "Bearer error=\"insufficient_scope\", scope=\"notes:read notes:write\"";
    let cases = [
        Case::refused("modern", Post::call("save", json!({})), 403, -32600)
            .header("www-authenticate", header),
        Case::refused("legacy", legacy, 403, -32600).header("www-authenticate", header),
    ];
    check(&service, &cases).await;
}

#[tokio::test]
async fn whoever_holds_the_scopes_goes_on_to_the_next_check() {
    let service = McpService::new(builder().build());
    let held = "admin notes:read notes:write more";
    let expected = [
        // A stream: the tool spoke. Its arguments are wrong, which only its result can tell.
        (200, "invalid arguments"),
        (400, "-32021"),
        (200, "invalid arguments"),
        (200, "erased"),
        (200, "-32602"),
        (200, "all"),
        (200, "invalid arguments"),
        (200, "\"1\""),
        (200, "\"1\""),
    ];
    for ((method, params, _), (status, shown)) in operations().into_iter().zip(expected) {
        let what = format!("{method} {params}");
        let post = Post::modern(method, params).set("x-scopes", held);
        let reply = send(&service, &post).await;
        assert_eq!(reply.status, status, "{what} {reply:?}");
        let body = String::from_utf8_lossy(&reply.body);
        assert!(body.contains(shown), "{what}: {body}");
    }
    let params = json!({"name": "save", "arguments": {"text": "saved"}});
    let post = Post::modern_with("tools/call", params, json!({"progressToken": 1}));
    let post = post.set("x-scopes", held);
    let reply = send(&service, &post).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    assert_eq!(reply.text(), "saved");
}

#[tokio::test]
async fn a_subscription_needs_the_scopes_of_reading() {
    let service = McpService::new(builder().build());
    let session = open(&service, "2025-11-25").await;
    let uri = json!({"uri": "notes://1"});
    let subscribe = Post::legacy("resources/subscribe", uri).session(&session);
    let reply = send(&service, &subscribe).await;
    assert_challenged(&reply, "notes:read", "subscribe");
    let allowed = subscribe.set("x-scopes", "notes:read");
    assert_eq!(send(&service, &allowed).await.json()["result"], json!({}));

    let uris = json!(["notes://1", "unknown://x"]);
    let listen = json!({"notifications": {"resourceSubscriptions": uris}});
    let listen = Post::modern("subscriptions/listen", listen);
    let reply = send(&service, &listen).await;
    assert_eq!(reply.status, 403, "{reply:?}");
    assert_eq!(reply.header("www-authenticate"), challenge("notes:read"));
}

/// The names in a list, and who may share it.
async fn listed(service: &McpService, method: &str, held: &str) -> (Vec<String>, String) {
    let post = Post::modern(method, json!({})).set("x-scopes", held);
    let mut result = send(service, &post).await.result();
    let scope = result["cacheScope"].as_str().unwrap().to_owned();
    let mut items = result.as_object_mut().unwrap().values_mut();
    let items = items.find_map(|value| value.as_array()).unwrap();
    let names = items.iter().map(|item| item["name"].as_str().unwrap());
    (names.map(str::to_owned).collect(), scope)
}

#[tokio::test]
async fn lists_show_or_hide_by_policy() {
    let all = ["add", "save", "ponder", "routed", "erase"];
    let shown = McpService::new(builder().build());
    for held in ["", "notes:read"] {
        let (names, scope) = listed(&shown, "tools/list", held).await;
        assert_eq!(names, all);
        assert_eq!(scope, "public");
    }
    let hidden = McpService::new(builder().scope_policy(ScopePolicy::Hide).build());
    let table: [(&str, &str, &[&str]); 8] = [
        ("tools/list", "", &["add"]),
        ("tools/list", "notes:read", &["add", "ponder", "routed"]),
        ("tools/list", "notes:write admin", &["add", "erase"]),
        ("tools/list", "notes:write admin notes:read", &all),
        ("prompts/list", "", &[]),
        ("prompts/list", "notes:read", &["summarize"]),
        ("resources/list", "", &[]),
        ("resources/templates/list", "notes:read", &["note"]),
    ];
    for (method, held, expected) in table {
        let (names, scope) = listed(&hidden, method, held).await;
        assert_eq!(names, expected, "{method} {held}");
        assert_eq!(scope, "private", "{method} {held}");
    }
    // What is left out of a list can be asked for: the challenge says how.
    let reply = send(&hidden, &Post::call("erase", json!({}))).await;
    assert_challenged(&reply, "admin notes:write", "hidden");
}

#[tokio::test]
async fn granted_scopes_are_those_of_the_request_and_not_of_the_connection() {
    let service = ServiceBuilder::new()
        .layer(MapRequestLayer::new(login::<axum::body::Body>))
        .service(McpService::new(builder().build()));
    let router = axum::Router::new().route_service("/mcp", service);
    let running = http_tests::serve_axum(router).await;
    let mut client = Client::connect(running.address).await;
    let call = Post::call("erase", json!({}));
    let granted = call.clone().set("x-scopes", "admin notes:write");
    for _ in 0..2 {
        assert_eq!(client.send(&granted).await.text(), "erased");
        assert_eq!(client.send(&call).await.status, 403);
    }
}

#[tokio::test]
async fn an_unknown_name_is_no_matter_of_scopes() {
    let running = hyper(McpService::new(builder().build())).await;
    let mut client = Client::connect(running.address).await;
    let reply = client.send(&Post::call("nothing", json!({}))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["error"]["code"], -32602);
}

#[test]
fn text_that_names_no_scopes_is_reported_by_build() {
    let entry = Entry::tool(Tool::new("erase"), |_, _| async {
        Ok::<_, ToolError>(ToolResult::text("erased"))
    });
    let server = Server::builder("t", "1").entry(entry.scopes("admin\n"));
    let error = server.try_build().unwrap_err().to_string();
    assert!(error.contains("tool `erase`: its scopes"), "{error}");
}
