//! What clients are told outside of their calls, on the wire of both eras.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used)]

mod client;

use client::{Client, messages};
use http::{Method, StatusCode};
use mcp_tower::{
    Context, LogLevel, McpService, Server, ServerHandle, mcp_prompt, mcp_resource, mcp_tool,
    protocol::{ErrorCode, Revision},
    testing::TestClient,
};
use serde_json::json;
use std::time::Duration;

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";
const TOOLS: &str = "notifications/tools/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const RESOURCES: &str = "notifications/resources/list_changed";
const UPDATED: &str = "notifications/resources/updated";

#[mcp_tool]
async fn first(cx: Context) -> &'static str {
    cx.log(LogLevel::Info, "working").await;
    "1"
}

#[mcp_tool]
async fn second() -> &'static str {
    "2"
}

/// Says that something changed.
#[mcp_tool]
async fn touch(server: ServerHandle) {
    server.resource_updated("n:1");
    server.tools_changed();
}

#[mcp_prompt]
async fn greeting() -> &'static str {
    "Hello"
}

#[mcp_resource("n:1")]
async fn note() -> &'static str {
    "text"
}

fn server() -> Server {
    Server::builder("test", "1.0")
        .tool(first)
        .tool(touch)
        .prompt(greeting)
        .resource(note)
        .build()
}

/// A client with a session.
fn session(server: &Server) -> TestClient {
    TestClient::new(server.clone()).revision(Revision::V2025_11_25)
}

async fn tools(client: &TestClient) -> Vec<String> {
    let tools = client.list_tools().await.into_iter();
    tools.map(|tool| tool.name.into_owned()).collect()
}

#[tokio::test]
async fn a_listener_is_told_what_it_asked_for_and_nothing_else() {
    let server = server();
    let client = Client::new(&server);
    let filter = json!({"toolsListChanged": true, "resourceSubscriptions": ["n:1"]});
    let (mut number, told) = client.listen(json!(7), filter.clone()).await;
    let expected = json!({"notifications": filter, "_meta": {SUBSCRIPTION: 7}});
    assert_eq!(told, expected);
    let filter = json!({"promptsListChanged": true});
    let (mut text, told) = client.listen(json!("7"), filter).await;
    assert_eq!(told["_meta"], json!({SUBSCRIPTION: "7"}));

    server.prompts_changed();
    server.resources_changed();
    server.resource_updated("n:2");
    let call = json!({"name": "touch"});
    client.modern(json!(1), "tools/call", call).await;
    assert_eq!(number.method().await, TOOLS);
    let params = json!({"uri": "n:1", "_meta": {SUBSCRIPTION: 7}});
    let expected = json!({"jsonrpc": "2.0", "method": UPDATED, "params": params});
    assert_eq!(number.next().await.unwrap(), expected);
    let params = json!({"_meta": {SUBSCRIPTION: "7"}});
    let expected = json!({"jsonrpc": "2.0", "method": PROMPTS, "params": params});
    assert_eq!(text.next().await.unwrap(), expected);
}

#[tokio::test]
async fn a_server_that_shuts_down_ends_its_listeners() {
    let server = server();
    let client = Client::new(&server);
    let (mut stream, _) = client.listen(json!("a"), json!({})).await;
    let mut standing = client.session().await.get().await;
    server.close_listeners();
    let last = stream.next().await.unwrap();
    assert_eq!(last["id"], "a");
    assert_eq!(last["result"]["resultType"], "complete");
    assert_eq!(last["result"]["_meta"][SUBSCRIPTION], "a");
    assert!(stream.next().await.is_none());
    assert!(standing.next().await.is_none());
    let late = client
        .try_listen(json!(1), json!({"notifications": {}}))
        .await;
    assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(late.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_slow_listener_is_told_once() {
    let server = server();
    let client = Client::new(&server);
    let filter = json!({"toolsListChanged": true});
    let (mut stream, _) = client.listen(json!(1), filter).await;
    for _ in 0..1_000 {
        server.tools_changed();
        tokio::task::yield_now().await;
    }
    server.close_listeners();
    let mut told = 0;
    while let Some(message) = stream.next().await {
        told += usize::from(message["method"] == TOOLS);
    }
    // One that was on its way, and a mark.
    assert!((1..=2).contains(&told), "{told}");
}

#[tokio::test]
async fn malformed_filters_are_refused() {
    let client = Client::new(&server());
    let many: Vec<_> = (0..1_001).map(|number| format!("n:{number}")).collect();
    for params in [
        json!({}),
        json!({"notifications": 1}),
        json!({"notifications": {"toolsListChanged": "yes"}}),
        json!({"notifications": {"resourceSubscriptions": [1]}}),
        json!({"notifications": {"resourceSubscriptions": many}}),
    ] {
        let response = client.try_listen(json!(1), params).await;
        assert_eq!(messages(response).await[0]["error"]["code"], -32602);
    }
}

#[tokio::test]
async fn only_what_is_offered_is_acknowledged() {
    let tools = Client::new(&Server::builder("t", "1").tool(first).build());
    let wanted = json!({
        "toolsListChanged": true,
        "promptsListChanged": true,
        "resourcesListChanged": true,
        "resourceSubscriptions": ["n:1"],
    });
    let (_stream, told) = tools.listen(json!(1), wanted).await;
    assert_eq!(told["notifications"], json!({"toolsListChanged": true}));

    let params = json!({"notifications": {}});
    let nothing = Client::new(&Server::builder("t", "1").build());
    let response = nothing.try_listen(json!(1), params.clone()).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(messages(response).await[0]["error"]["code"], -32601);
    let something = Client::new(&Server::builder("t", "1").changing().build());
    let response = something.try_listen(json!(1), params).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_listener_needs_events() {
    let client = Client(McpService::new(server()).accept(mcp_tower::AcceptPolicy::Either));
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": {
        "notifications": {},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    }});
    let headers = [
        ("accept", "application/json"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "subscriptions/listen"),
    ];
    let response = client.send(Method::POST, &headers, &body.to_string()).await;
    assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_does_not_end_a_listener() {
    let limit = Duration::from_secs(1);
    let server = Server::builder("t", "1").tool(first).timeout(limit).build();
    let client = TestClient::new(server.clone()).patience(10 * limit);
    let mut changes = client.listen().await;
    let silent = tokio::time::timeout(5 * limit, changes.next()).await;
    assert!(silent.is_err());
    server.tools_changed();
    changes.tools_changed().await;
}

#[tokio::test]
async fn a_get_that_cannot_be_served_is_refused() {
    let client = Client::new(&server());
    let session = client.session().await;
    let id = ("mcp-session-id", session.1.as_str());
    let table: [(&[(&str, &str)], u16); 5] = [
        (&[], 400),
        (&[("mcp-session-id", "unknown")], 404),
        (&[id, ("accept", "application/json")], 406),
        (&[id, ("last-event-id", "1")], 400),
        (&[id, ("mcp-protocol-version", "2026-07-28")], 405),
    ];
    for (headers, expected) in table {
        let response = client.send(Method::GET, headers, "").await;
        assert_eq!(response.status(), expected, "{headers:?}");
        let allow = response.headers().get("allow");
        assert_eq!(allow.is_some_and(|allow| allow == "POST"), expected == 405);
    }
    let stream = session.get().await;
    let second = session.send(Method::GET, "").await;
    assert_eq!(second.status(), StatusCode::CONFLICT);
    drop(stream);
    session.get().await;
}

#[tokio::test]
async fn deleting_a_session_ends_its_stream() {
    let client = Client::new(&server());
    let (one, other) = (client.session().await, client.session().await);
    let (mut ended, mut kept) = (one.get().await, other.get().await);
    let response = one.send(Method::DELETE, "").await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(ended.next().await.is_none());
    let response = one.send(Method::GET, "").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    other.call("tools/call", json!({"name": "touch"})).await;
    assert_eq!(kept.method().await, TOOLS);
}

#[tokio::test]
async fn updates_reach_exactly_the_subscribers() {
    let server = server();
    let one = session(&server);
    let other = one.another();
    let (mut to_one, mut to_other) = (one.listen().await, other.listen().await);
    let set = async |client: &TestClient, method: &str, uri: &str| {
        let answer = client.request(method, json!({"uri": uri})).await;
        assert_eq!(answer.result(), json!({}));
    };
    set(&one, "resources/subscribe", "n:1").await;
    set(&one, "resources/subscribe", "n:2").await;
    set(&other, "resources/subscribe", "n:1").await;
    set(&other, "resources/unsubscribe", "n:1").await;
    server.resource_updated("n:1");
    server.resource_updated("n:2");
    assert_eq!(to_one.resource_updated().await, "n:1");
    assert_eq!(to_one.resource_updated().await, "n:2");

    set(&other, "resources/subscribe", "n:3").await;
    server.resource_updated("n:3");
    assert_eq!(to_other.resource_updated().await, "n:3");
    server.resources_changed();
    assert_eq!(to_one.next().await.unwrap().method, RESOURCES);
    assert_eq!(to_other.next().await.unwrap().method, RESOURCES);
    let failure = one.request("resources/subscribe", ()).await.expect_error();
    assert_eq!(failure.code(), Some(ErrorCode::INVALID_PARAMS));
}

#[tokio::test]
async fn log_levels_belong_to_sessions() {
    let server = server();
    let quiet = session(&server);
    let other = quiet.another();
    let logs = async |client: &TestClient| client.call_tool("first", ()).await.logs().len();
    quiet.set_log_level(LogLevel::Error).await;
    assert_eq!((logs(&quiet).await, logs(&other).await), (0, 1));
    let loud = quiet.request("logging/setLevel", json!({"level": "loud"}));
    let failure = loud.await.expect_error();
    assert_eq!(failure.code(), Some(ErrorCode::INVALID_PARAMS));
    quiet.set_log_level(LogLevel::Debug).await;
    assert_eq!(logs(&quiet).await, 1);
}

#[tokio::test]
async fn without_sessions_nothing_of_them_is_offered() {
    let client = Client(McpService::new(server()).without_sessions());
    let answer = messages(client.initialize().await).await.remove(0);
    let offered = &answer["result"]["capabilities"];
    assert!(offered["logging"].is_null());
    assert_eq!(offered["tools"], json!({}));
    let params = json!({"level": "info"});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "logging/setLevel", "params": params});
    let response = client.send(Method::POST, &[], &body.to_string()).await;
    assert_eq!(messages(response).await[0]["error"]["code"], -32601);
    let response = client.send(Method::GET, &[], "").await;
    assert_eq!(response.headers()["allow"], "POST");
}

#[tokio::test]
async fn a_catalog_changes_as_a_whole() {
    let server = server();
    let client = session(&server);
    let mut changes = client.listen().await;
    assert_eq!(tools(&client).await, ["first", "touch"]);
    let updated = server.update(|catalog| {
        assert!(catalog.remove_tool("first"));
        assert!(!catalog.remove_tool("nobody"));
        catalog.merge(Server::builder("", "").tool(second));
    });
    updated.unwrap();
    assert_eq!(changes.next().await.unwrap().method, TOOLS);
    assert_eq!(tools(&client).await, ["touch", "second"]);
    assert_eq!(client.call_tool("second", ()).await.text(), "2");
    let failure = client.call_tool("first", ()).await.expect_error();
    assert_eq!(failure.code(), Some(ErrorCode::INVALID_PARAMS));

    // Everything that is wrong is said at once, and nothing changes.
    let refused = server.update(|catalog| {
        catalog.clear_prompts();
        catalog.merge(Server::builder("", "").tool(second).tool(touch));
    });
    assert_eq!(refused.unwrap_err().problems().len(), 2);
    let cleared = server.update(|catalog| {
        catalog.clear_resources();
    });
    cleared.unwrap();
    // Only lists that changed are announced, and a kind that was offered stays offered.
    assert_eq!(changes.next().await.unwrap().method, RESOURCES);
    assert_eq!(tools(&client).await, ["touch", "second"]);
    assert_eq!(client.list_resources().await, []);
    assert_eq!(client.list_prompts().await[0].name, "greeting");
}
