//! Several messages on one line.

use super::client::{Client, modern, text};
use serde_json::{Value, json};

fn request(id: Value, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

#[tokio::test]
async fn a_batch_is_answered_in_one_array() {
    let mut client = Client::in_session("2025-03-26", json!({})).await;
    client
        .send(json!([
            request(json!("a"), "tools/call", json!({"name": "add", "arguments": {"a": 1, "b": 2}})),
            {"jsonrpc": "2.0", "method": "notifications/nonsense"},
            request(json!("b"), "nonsense", json!({})),
            {"id": 7},
        ]))
        .await;
    let answers = client.read().await;
    let mut answers = answers.as_array().unwrap().clone();
    answers.sort_by_key(|answer| answer["id"].to_string());
    assert_eq!(answers.len(), 3);
    assert_eq!(text(&answers[0]), "3");
    assert_eq!(answers[1]["error"]["code"], -32601);
    assert_eq!(
        (&answers[2]["id"], &answers[2]["error"]["code"]),
        (&json!(7), &json!(-32600))
    );
}

#[tokio::test]
async fn a_call_of_a_batch_tells_and_is_cancelled_for_itself() {
    let mut client = Client::in_session("2025-03-26", json!({})).await;
    client
        .send(json!([
            request(
                json!(70),
                "tools/call",
                json!({"name": "tell", "_meta": {"progressToken": "t"}})
            ),
            request(json!(71), "tools/call", json!({"name": "wait"})),
        ]))
        .await;
    let mut told = Vec::new();
    while told.len() < 3 {
        told.push(client.read().await);
    }
    assert!(told.iter().all(|told| told.get("id").is_none()), "{told:?}");
    client.meeting.begun.heard().await;
    client.cancel(&json!(71)).await;
    let answers = client.read().await;
    assert_eq!(answers.as_array().unwrap().len(), 1, "{answers}");
    assert_eq!(text(&answers[0]), "told");
    // Nothing is owed for what was cancelled or tells only.
    client
        .send(json!([request(
            json!(72),
            "tools/call",
            json!({"name": "wait"})
        )]))
        .await;
    client
        .send(json!([{"jsonrpc": "2.0", "method": "notifications/nonsense"}]))
        .await;
    client.meeting.begun.heard().await;
    client.cancel(&json!(72)).await;
    assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn answers_may_come_in_a_batch() {
    let mut client = Client::in_session("2025-03-26", json!({"sampling": {}})).await;
    client
        .send(json!([{"jsonrpc": "2.0", "id": 5, "result": {}}]))
        .await;
    assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn what_is_no_batch() {
    let mut client = Client::in_session("2025-03-26", json!({})).await;
    let ping = request(json!(1), "ping", json!({}));
    let many = vec![ping.clone(); 65];
    let table = [
        json!([]),
        json!([ping, {"jsonrpc": "2.0", "id": 5, "result": {}}]),
        json!([request(json!(1), "initialize", json!({}))]),
        json!([request(json!(1), "tools/list", modern(json!({})))]),
        json!(many),
    ];
    for batch in table {
        client.send(batch.clone()).await;
        let refused = client.read().await;
        assert_eq!(refused["error"]["code"], -32600, "{batch}");
        assert!(refused.get("id").is_none());
    }
    client.write("[1,\n").await;
    assert_eq!(client.read().await["error"]["code"], -32700);
    for revision in ["2024-11-05", "2025-06-18", "2025-11-25"] {
        let mut client = Client::in_session(revision, json!({})).await;
        client.send(json!([ping])).await;
        assert_eq!(client.read().await["error"]["code"], -32600, "{revision}");
    }
}
