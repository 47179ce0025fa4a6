//! Batches, which only 2025-03-26 has: several messages in one body.

use http_tests::{
    Case, Client, LEGACY, Post, Probe, Reply, all, axum, builder, check, governor, hyper, open,
    server, until_idle,
};
use mcp_tower::{
    AcceptPolicy, Context, Limits, McpService, SamplingMessage, SamplingRequest, ToolError,
    governor::Budget, mcp_tool,
};
use serde_json::{Value, json};

const VERSION: &str = "2025-03-26";

fn call(id: u32, tool: &str, arguments: Value) -> Value {
    let mut params = json!({"name": tool, "arguments": arguments});
    params["_meta"] = json!({"progressToken": id});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
}

fn add(id: u32) -> Value {
    call(id, "add", json!({"a": id, "b": 1}))
}

fn ready() -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
}

fn batch(session: &str, messages: Vec<Value>) -> Post {
    Post::message(&Value::Array(messages)).session(session)
}

/// The answers in the order of their ids.
fn answers(reply: &Reply) -> Vec<Value> {
    let mut answers = match reply.header("content-type") {
        "text/event-stream" => reply.events(),
        _ => reply.json().as_array().expect("an array").clone(),
    };
    answers.retain(|message| message.get("method").is_none());
    answers.sort_by_key(|answer| answer["id"].as_u64());
    answers
}

fn texts(reply: &Reply) -> Vec<String> {
    let text = |answer: Value| match answer.pointer("/result/content/0/text") {
        Some(text) => text.as_str().unwrap().to_owned(),
        None => format!("{} {}", answer["id"], answer["error"]["code"]),
    };
    answers(reply).into_iter().map(text).collect()
}

#[tokio::test]
async fn silent_calls_are_answered_with_an_array() {
    let service = server();
    let session = open(&service, VERSION).await;
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let post = batch(&session, vec![add(1), ready(), add(2), add(3)]);
        let reply = client.send(&post).await;
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(texts(&reply), ["2", "3", "4"]);
        let reply = client.send(&batch(&session, vec![add(7)])).await;
        assert_eq!(reply.json().as_array().map(Vec::len), Some(1));
        let reply = client.send(&batch(&session, vec![ready(), ready()])).await;
        assert_eq!((reply.status, reply.body.len()), (202, 0));
    }
}

#[tokio::test]
async fn a_mount_without_sessions_has_batches_too() {
    let service = server().without_sessions();
    let running = axum(service).await;
    let mut client = Client::connect(running.address).await;
    let post = Post::message(&json!([add(1), add(2)]));
    let named = post.clone().add("mcp-protocol-version", VERSION);
    for post in [&post, &named] {
        assert_eq!(texts(&client.send(post).await), ["2", "3"]);
    }
    let other = post.add("mcp-protocol-version", "2025-06-18");
    assert_eq!(client.send(&other).await.status, 400);
}

#[tokio::test]
async fn calls_that_speak_share_a_stream() {
    let service = server();
    let session = open(&service, VERSION).await;
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let messages = vec![
            add(1),
            call(2, "talk", json!({})),
            call(3, "talk", json!({})),
        ];
        let reply = client.send(&batch(&session, messages)).await;
        assert_eq!(texts(&reply), ["2", "told", "told"]);
        for id in [2, 3] {
            let events = reply.events();
            let progress = |event: &Value| event["params"]["progressToken"] == id;
            let told = events.iter().position(progress).expect("progress");
            let answered = events.iter().position(|event| event["id"] == id);
            assert!(told < answered.expect("an answer"), "{events:?}");
        }
    }
}

#[tokio::test]
async fn one_type_is_enough_for_a_lenient_mount() {
    let service = server().accept(AcceptPolicy::Either);
    let session = open(&service, VERSION).await;
    let running = axum(service).await;
    let mut client = Client::connect(running.address).await;
    let post = batch(&session, vec![add(1), call(2, "talk", json!({}))]);
    let reply = client
        .send(&post.clone().set("accept", "application/json"))
        .await;
    assert_eq!(texts(&reply), ["2", "told"]);
    assert_eq!(reply.header("content-type"), "application/json");
    let post = batch(&session, vec![add(1), add(2)]);
    let reply = client.send(&post.set("accept", "text/event-stream")).await;
    assert_eq!(reply.events().len(), 2);
}

#[tokio::test]
async fn each_message_is_judged_alone() {
    let service = server();
    let session = open(&service, VERSION).await;
    let running = axum(service).await;
    let mut client = Client::connect(running.address).await;
    let messages = vec![
        add(1),
        json!({"jsonrpc": "2.0", "id": 2, "method": "no/such"}),
        json!({"jsonrpc": "1.0", "id": 3, "method": "ping"}),
        json!({"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"name": "none"}}),
        json!([add(5)]),
    ];
    let reply = client.send(&batch(&session, messages)).await;
    assert_eq!(
        texts(&reply),
        ["null -32600", "2", "2 -32601", "3 -32600", "4 -32602"]
    );
    assert!(answers(&reply)[0].get("id").is_none());
}

#[tokio::test]
async fn what_is_no_batch_is_refused() {
    let service = server();
    let session = open(&service, VERSION).await;
    let refused = |what: &str, messages: Vec<Value>| {
        Case::refused(what, batch(&session, messages), 400, -32600).no_id()
    };
    let response = json!({"jsonrpc": "2.0", "id": "x", "result": {}});
    let initialize = serde_json::from_slice(&Post::initialize(VERSION).body).unwrap();
    let claim = serde_json::from_slice(&Post::modern("tools/list", json!({})).body).unwrap();
    let unknown = batch("unknown", vec![add(1)]);
    let modern = batch(&session, vec![add(1)]).add("mcp-protocol-version", "2026-07-28");
    let mut cases = vec![
        refused("nothing", vec![]),
        refused("a handshake", vec![initialize, add(1)]),
        refused("a claim", vec![add(1), claim]),
        refused("both kinds", vec![add(1), response.clone()]),
        refused("too many", (0..65).map(add).collect()),
        Case::refused("modern", modern, 400, -32600).no_id(),
        Case::refused("unknown", unknown, 404, -32600).no_id(),
        Case::refused("no session", Post::message(&json!([add(1)])), 400, -32600).no_id(),
        Case::refused("not JSON", Post::raw("[{}").session(&session), 400, -32700).no_id(),
        Case::empty(
            "answers to nothing",
            batch(&session, vec![response.clone(), response]),
            202,
        ),
    ];
    for version in LEGACY.into_iter().filter(|version| *version != VERSION) {
        let session = open(&service, version).await;
        let post = batch(&session, vec![add(1)]);
        cases.push(Case::refused(version, post, 400, -32600).no_id());
    }
    check(&service, &cases).await;
    let narrow = server().limits(Limits::new().batch_messages(1));
    let session = open(&narrow, VERSION).await;
    let post = batch(&session, vec![add(1), add(2)]);
    check(&narrow, &[Case::refused("two", post, 400, -32600).no_id()]).await;
}

/// Ask the client's model.
#[mcp_tool]
async fn think(cx: Context) -> Result<String, ToolError> {
    let request = SamplingRequest::new(10, [SamplingMessage::user("Think.")]);
    Ok(cx.sample("think", request).await?.text())
}

#[tokio::test]
async fn questions_and_answers_may_be_batches() {
    let service = McpService::new(builder().tool(think).build());
    let running = hyper(service).await;
    let mut client = Client::connect(running.address).await;
    let initialize = Post::initialize(VERSION)
        .edit(|message| message["params"]["capabilities"] = json!({"sampling": {}}));
    let opened = client.send(&initialize).await;
    let session = opened.header("mcp-session-id").to_owned();
    let messages = vec![call(1, "think", json!({})), call(2, "think", json!({}))];
    client.write(&batch(&session, messages)).await;
    assert_eq!(client.head().await.status, 200);
    let mut responses = Vec::new();
    while responses.len() < 2 {
        let question = client.event().await.expect("a question");
        assert_eq!(question["method"], "sampling/createMessage");
        let content = json!({"type": "text", "text": "thought"});
        let result = json!({"role": "assistant", "model": "m", "content": content});
        responses.push(json!({"jsonrpc": "2.0", "id": question["id"], "result": result}));
    }
    let mut other = Client::connect(running.address).await;
    let answered = other.send(&batch(&session, responses)).await;
    assert_eq!((answered.status, answered.body.len()), (202, 0));
    let mut ids = Vec::new();
    while let Some(answer) = client.event().await {
        assert_eq!(answer["result"]["content"][0]["text"], "thought");
        ids.push(answer["id"].as_u64());
    }
    ids.sort_unstable();
    assert_eq!(ids, [Some(1), Some(2)]);
}

#[tokio::test]
async fn a_cancelled_call_owes_no_answer_and_the_others_do() {
    let probe = Probe::default();
    let service = probe.service();
    let session = open(&service, VERSION).await;
    let running = axum(service).await;
    let mut client = Client::connect(running.address).await;
    let messages = vec![call(1, "hold", json!({})), add(2)];
    client.write(&batch(&session, messages)).await;
    probe.entered().await;
    let mut other = Client::connect(running.address).await;
    let cancel = Post::notification("notifications/cancelled", json!({"requestId": 1}));
    assert_eq!(other.send(&cancel.session(&session)).await.status, 202);
    probe.dropped().await;
    assert_eq!(texts(&client.reply().await), ["3"]);
}

#[tokio::test]
async fn calls_outlive_their_client() {
    let probe = Probe::default();
    let service = probe.service();
    let session = open(&service, VERSION).await;
    let running = axum(service).await;
    for tool in ["hold", "hold_loudly"] {
        let mut client = Client::connect(running.address).await;
        let messages = vec![add(1), call(2, tool, json!({}))];
        client.write(&batch(&session, messages)).await;
        if tool == "hold_loudly" {
            client.head().await;
        }
        probe.entered().await;
        drop(client);
        probe.release();
        probe.finished().await;
        probe.dropped().await;
    }
}

#[tokio::test]
async fn each_call_counts_and_is_given_back() {
    let governor = governor(Budget::Calls, 100, 2);
    let service = server().governor(governor.clone());
    let session = open(&service, VERSION).await;
    let running = axum(service).await;
    let mut client = Client::connect(running.address).await;
    let reply = client
        .send(&batch(&session, vec![add(1), add(2), add(3)]))
        .await;
    let texts = texts(&reply);
    assert_eq!(texts[..2], ["2", "3"]);
    assert!(texts[2].starts_with("3 -32"), "{texts:?}");
    until_idle(&governor).await;
}
