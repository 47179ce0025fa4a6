//! What a connection can do.

use crate::pipe::{Pipe, get, text};
use http_tests::{LEGACY, Probe, all, builder, hyper, server};
use mcp_tower::{
    Context, HttpSse, McpService, Quirks, Server, ToolError, mcp_tool, protocol::Revision,
};
use serde_json::{Value, json};

/// Ask for a link to be opened.
#[mcp_tool]
async fn pay(cx: Context) -> Result<&'static str, ToolError> {
    cx.elicit_url("pay", "Please pay", "https://pay.example.com/1")
        .await?;
    Ok("agreed")
}

#[tokio::test]
async fn every_revision_is_spoken_on_every_mount() {
    for running in all(&server().http_sse(HttpSse::new())).await {
        for revision in LEGACY {
            let mut pipe = Pipe::open(running.address).await;
            let answer = pipe.initialize(revision, json!({})).await;
            assert_eq!(answer["result"]["protocolVersion"], revision);
            let sum = pipe.call("add", json!({"a": 2, "b": 3})).await;
            assert_eq!(text(&sum), "5", "{}", running.name);
            let tools = pipe.ask("tools/list", json!({})).await;
            let forecast = tools["result"]["tools"].as_array().unwrap();
            let forecast = forecast
                .iter()
                .find(|tool| tool["name"] == "forecast")
                .unwrap();
            assert_eq!(forecast.get("icons").is_some(), revision == "2025-11-25");
        }
    }
}

#[tokio::test]
async fn quirks_of_the_mount_hold() {
    let quirks = Quirks::new().force_revision(Revision::V2025_03_26).unwrap();
    let service = server().quirks(quirks.unknown_tool_as_method());
    let running = hyper(service.http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::open(running.address).await;
    let answer = pipe.initialize("2025-11-25", json!({})).await;
    assert_eq!(answer["result"]["protocolVersion"], "2025-03-26");
    let refused = pipe.call("nothing", json!({})).await;
    assert_eq!(refused["error"]["code"], -32601);
    assert_eq!(refused["error"]["message"], "Tool not found: nothing");
}

#[tokio::test]
async fn where_messages_have_no_name_the_endpoint_keeps_its_own() {
    let by_default = server();
    let quirky = by_default.clone().quirks(Quirks::new().unnamed_events());
    let data = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n";
    for (service, before) in [(by_default, "event: message\n"), (quirky, "")] {
        let running = hyper(service.http_sse(HttpSse::new())).await;
        // Looks at the name of the first event.
        let mut pipe = Pipe::open(running.address).await;
        pipe.request("ping", json!({})).await;
        let told = pipe.stream.chunk().await.unwrap();
        assert_eq!(told, format!("{before}{data}"));
    }
}

#[tokio::test]
async fn a_session_may_begin_late_where_none_is_needed() {
    let quirks = Quirks::new().without_handshake();
    let running = hyper(server().quirks(quirks).http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::open(running.address).await;
    for revision in ["2025-03-26", "2025-11-25"] {
        let forecast = pipe.call("forecast", json!({"city": "Graz"})).await;
        let is_structured = forecast["result"].get("structuredContent").is_some();
        assert_eq!(is_structured, revision == "2025-11-25", "{forecast}");
        if !is_structured {
            pipe.initialize("2025-11-25", json!({})).await;
        }
    }
}

#[tokio::test]
async fn it_stands_beside_the_endpoint_under_any_prefix() {
    let service = server();
    let sse = service.clone().http_sse(HttpSse::new());
    let named = service.clone().http_sse(HttpSse::new().path("/api/named"));
    let inner = axum::Router::new()
        .route_service("/mcp", service)
        .route_service("/sse", sse)
        .route_service("/named", named);
    let running = http_tests::serve_axum(axum::Router::new().nest("/api", inner)).await;
    for path in ["/api/sse", "/api/named"] {
        let mut pipe = Pipe::open_with(running.address, get(path)).await;
        assert!(pipe.target.starts_with(&format!("{path}?session=")));
        pipe.initialize("2024-11-05", json!({})).await;
        assert_eq!(text(&pipe.call("add", json!({"a": 1, "b": 1})).await), "2");
    }
    let mut client = http_tests::Client::connect(running.address).await;
    let post = http_tests::Post::call("add", json!({"a": 1, "b": 2})).path("/api/mcp");
    assert_eq!(client.send(&post).await.text(), "3");
}

#[tokio::test]
async fn a_question_is_an_event_and_its_answer_a_message() {
    let server = Server::builder("asking", "1").tool(pay).build();
    let running = hyper(McpService::new(server).http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::open(running.address).await;
    pipe.initialize("2025-11-25", json!({"elicitation": {"url": {}}}))
        .await;
    let mut other = Pipe::open(running.address).await;
    other
        .initialize("2025-11-25", json!({"elicitation": {"url": {}}}))
        .await;
    let call = pipe.request("tools/call", json!({"name": "pay"})).await;
    let question = pipe.read().await;
    assert_eq!(question["method"], "elicitation/create");
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept"}});
    // The same id in another session is another question.
    other.send(answer.clone()).await;
    assert_eq!(pipe.ask("ping", json!({})).await["result"], json!({}));
    pipe.send(answer).await;
    let answer = pipe.read().await;
    assert_eq!((&answer["id"], text(&answer)), (&call, "agreed"));
}

#[tokio::test]
async fn a_client_is_told_of_changes_and_can_cancel() {
    let probe = Probe::default();
    let server = probe.builder().build();
    let running = hyper(McpService::new(server.clone()).http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::in_session(running.address, json!({})).await;
    pipe.ask("resources/subscribe", json!({"uri": "doc://readme"}))
        .await;
    server.resource_updated("doc://readme");
    let update = pipe.read().await;
    assert_eq!(update["method"], "notifications/resources/updated");
    server
        .update(|catalog| {
            catalog.remove_tool("boom");
        })
        .unwrap();
    assert_eq!(
        pipe.read().await["method"],
        "notifications/tools/list_changed"
    );

    let call = json!({"name": "hold_loudly", "_meta": {"progressToken": "t"}});
    let id = pipe.request("tools/call", call).await;
    assert_eq!(pipe.read().await["method"], "notifications/progress");
    let params = json!({"requestId": id});
    pipe.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}))
        .await;
    probe.dropped().await;
    assert_eq!(pipe.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn handlers_see_the_message_that_brought_their_call() {
    let running = hyper(McpService::new(builder().build()).http_sse(HttpSse::new())).await;
    let get = get("/mcp").add("x-user", "ada");
    let mut pipe = Pipe::open_with(running.address, get).await;
    let ask = |pipe: &Pipe, method: &str, params: Value| {
        let message = json!({"jsonrpc": "2.0", "id": method, "method": method, "params": params});
        pipe.post(&message)
            .add("x-user", "ada")
            .add("x-scopes", "notes:read")
    };
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
    let initialize = ask(&pipe, "initialize", params);
    assert_eq!(pipe.sender.send(&initialize).await.status, 202);
    assert_eq!(pipe.read().await["id"], "initialize");
    let who = ask(
        &pipe,
        "tools/call",
        json!({"name": "who_tool", "arguments": {}}),
    );
    assert_eq!(pipe.sender.send(&who).await.status, 202);
    let answer = pipe.read().await;
    let told = text(&answer);
    assert!(told.contains("ada") && told.contains("acme"), "{told}");
}

#[tokio::test]
async fn a_batch_is_answered_in_one_event() {
    let running = hyper(server().http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::open(running.address).await;
    pipe.initialize("2025-03-26", json!({})).await;
    let ping = |id: i64| json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
    pipe.send(json!([ping(7), ping(8)])).await;
    assert_eq!(pipe.read().await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_stream_ends_with_its_server() {
    let server = builder().build();
    let running = hyper(McpService::new(server.clone()).http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::in_session(running.address, json!({})).await;
    server.close_listeners();
    assert_eq!(pipe.stream.event().await, None);
    let ping = pipe.post(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}));
    assert_eq!(pipe.sender.send(&ping).await.status, 404);
}
