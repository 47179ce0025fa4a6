//! Self-contained requests.

use super::{
    client::{Client, modern, text},
    server::Desk,
};
use mcp_core::{Principal, protocol::key};
use serde_json::{Value, json};

#[tokio::test]
async fn a_server_is_discovered_and_used_without_a_session() {
    let mut client = Client::start();
    let answer = client.ask("server/discover", modern(json!({}))).await;
    let result = &answer["result"];
    assert_eq!(result["supportedVersions"][0], "2026-07-28");
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["_meta"][key::SERVER_INFO]["name"], "pipes");
    let params = modern(json!({"name": "add", "arguments": {"a": 2, "b": 3}}));
    let answer = client.ask("tools/call", params).await;
    assert_eq!(text(&answer), "5");
    assert_eq!(answer["result"]["resultType"], "complete");
}

/// The ladder of checks, less the rows about headers.
#[tokio::test]
async fn the_ladder_of_checks() {
    let mut client = Client::start();
    let version = "io.modelcontextprotocol/protocolVersion";
    let capabilities = "io.modelcontextprotocol/clientCapabilities";
    let table = [
        (json!({"_meta": {version: 5}}), -32602),
        (json!({"_meta": {capabilities: {}}}), -32602),
        (json!({"_meta": {version: "2031-01-01"}}), -32022),
        (
            json!({"_meta": {version: "2025-11-25", capabilities: {}}}),
            -32022,
        ),
        (json!({"_meta": {version: "2026-07-28"}}), -32602),
        (
            json!({"_meta": {version: "2026-07-28", capabilities: 5}}),
            -32602,
        ),
        (
            modern(json!({"_meta": {"io.modelcontextprotocol/clientInfo": 5}})),
            -32602,
        ),
        (
            modern(json!({"_meta": {"io.modelcontextprotocol/logLevel": "loud"}})),
            -32602,
        ),
    ];
    for (params, code) in table {
        let answer = client.ask("tools/list", params.clone()).await;
        assert_eq!(answer["error"]["code"], code, "{params} {answer}");
        if code == -32022 {
            let data = &answer["error"]["data"];
            assert_eq!(data["supported"], json!(["2026-07-28"]));
            assert_eq!(data["requested"], params["_meta"][version]);
        }
    }
    for method in [
        "ping",
        "initialize",
        "logging/setLevel",
        "resources/subscribe",
    ] {
        let answer = client.ask(method, modern(json!({}))).await;
        assert_eq!(answer["error"]["code"], -32601, "{method}");
    }
    let unknown = client.ask("tools/call", modern(json!({"name": "?"}))).await;
    assert_eq!(unknown["error"]["code"], -32602);
    let bad = modern(json!({"name": "add", "arguments": {"a": "x", "b": 1}}));
    let bad = client.ask("tools/call", bad).await;
    assert_eq!(bad["result"]["isError"], true);
}

#[tokio::test]
async fn what_a_call_tells_carries_its_token_and_obeys_its_level() {
    let mut client = Client::start();
    let meta = json!({"progressToken": "t", "io.modelcontextprotocol/logLevel": "info"});
    let params = modern(json!({"name": "tell", "_meta": meta}));
    let id = client.request("tools/call", params).await;
    let mut told = Vec::new();
    let answer = loop {
        let message = client.read().await;
        if message.get("id").is_some() {
            break message;
        }
        told.push(message);
    };
    assert_eq!(answer["id"], id);
    let methods: Vec<_> = told
        .iter()
        .map(|told| told["method"].as_str().unwrap())
        .collect();
    let progress = "notifications/progress";
    assert_eq!(methods, [progress, "notifications/message", progress]);
    assert_eq!(told[0]["params"]["progressToken"], "t");
    assert_eq!(told[1]["params"]["data"], "a warning");
    // Without a level, nothing is logged.
    let id = client
        .request("tools/call", modern(json!({"name": "tell"})))
        .await;
    assert_eq!(client.read().await["id"], id);
}

#[tokio::test]
async fn questions_are_answered_by_another_request() {
    let mut client = Client::start();
    let meta = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}});
    let params = modern(json!({"name": "ask", "_meta": meta}));
    let asked = client.ask("tools/call", params.clone()).await;
    let result = &asked["result"];
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(
        result["inputRequests"]["name"]["method"],
        "elicitation/create"
    );
    let mut again = params;
    again["requestState"] = result["requestState"].clone();
    let answer = json!({"action": "accept", "content": {"name": "Ada"}});
    again["inputResponses"] = json!({"name": answer});
    assert_eq!(text(&client.ask("tools/call", again).await), "Hello Ada");
}

#[tokio::test]
async fn calls_overtake_each_other() {
    let mut client = Client::start();
    let slow = client
        .request("tools/call", modern(json!({"name": "pass"})))
        .await;
    client.meeting.begun.heard().await;
    let params = modern(json!({"name": "add", "arguments": {"a": 1, "b": 1}}));
    assert_eq!(text(&client.ask("tools/call", params).await), "2");
    client.meeting.pass.say();
    assert_eq!(client.read().await["id"], slow);
}

#[tokio::test]
async fn a_program_says_who_its_client_is() {
    let mut client = Client::start_with(|stdio| {
        let ada = Principal::new("https://login.example.com", "ada");
        stdio.principal(ada).extension(Desk("desk 4"))
    });
    let answer = client
        .ask("tools/call", modern(json!({"name": "who"})))
        .await;
    assert_eq!(text(&answer), "ada at desk 4");
}

/// Nothing is remembered between the eras.
#[tokio::test]
async fn both_eras_share_a_pipe() {
    let mut client = Client::start();
    client.ask("server/discover", modern(json!({}))).await;
    let early = client.ask("tools/list", json!({})).await;
    assert_eq!(early["error"]["code"], -32600);
    let answer = client.initialize("2025-06-18", json!({})).await;
    assert_eq!(answer["result"]["protocolVersion"], "2025-06-18");
    let add = json!({"name": "add", "arguments": {"a": 1, "b": 2}});
    let legacy = client.ask("tools/call", add.clone()).await;
    assert_eq!(legacy["result"].get("resultType"), None);
    let answer = client.ask("tools/call", modern(add)).await;
    assert_eq!(answer["result"]["resultType"], "complete");
    assert_eq!(legacy["result"]["content"], answer["result"]["content"]);
    let stays: Value = client.ask("server/discover", json!({})).await;
    assert_eq!(stays["error"]["code"], -32601);
}
