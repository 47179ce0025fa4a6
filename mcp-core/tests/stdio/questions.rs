//! Requests of the server to its client.

use super::client::{Client, text};
use serde_json::{Value, json};

async fn asked(client: &mut Client, tool: &str) -> (Value, Value) {
    let call = client.request("tools/call", json!({"name": tool})).await;
    let question = client.read().await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    assert_eq!(question["params"]["message"], "Your name?");
    (call, question["id"].clone())
}

fn accepted(id: &Value, name: &str) -> Value {
    let result = json!({"action": "accept", "content": {"name": name}});
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

#[tokio::test]
async fn a_question_is_a_request_and_its_answer_goes_to_its_call() {
    let mut client = Client::in_session("2025-11-25", json!({"elicitation": {}})).await;
    let (first, first_question) = asked(&mut client, "ask").await;
    let (second, second_question) = asked(&mut client, "ask").await;
    assert_ne!(first_question, second_question);
    client.send(accepted(&json!("unknown"), "Eve")).await;
    client.send(accepted(&second_question, "Bob")).await;
    let answer = client.read().await;
    assert_eq!((&answer["id"], text(&answer)), (&second, "Hello Bob"));
    client.send(accepted(&first_question, "Ada")).await;
    let answer = client.read().await;
    assert_eq!((&answer["id"], text(&answer)), (&first, "Hello Ada"));
}

#[tokio::test]
async fn an_error_is_an_answer_too() {
    let mut client = Client::in_session("2025-06-18", json!({"elicitation": {}})).await;
    let (call, question) = asked(&mut client, "ask").await;
    let error = json!({"code": -32600, "message": "not now"});
    client
        .send(json!({"jsonrpc": "2.0", "id": question, "error": error}))
        .await;
    let answer = client.read().await;
    assert_eq!(answer["id"], call);
    assert_eq!(answer["result"]["isError"], true);
}

#[tokio::test]
async fn a_client_that_cannot_answer_is_not_asked() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let answer = client.call("ask", json!({})).await;
    assert_eq!(answer["result"]["isError"], true);
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_is_taken_back() {
    let mut client = Client::in_session("2025-11-25", json!({"elicitation": {}})).await;
    let (call, question) = asked(&mut client, "ask_in_vain").await;
    let mut told = [client.read().await, client.read().await];
    told.sort_by_key(|message| message.get("id").is_some());
    assert_eq!(told[0]["method"], "notifications/cancelled");
    assert_eq!(told[0]["params"]["requestId"], question);
    assert_eq!(told[1]["id"], call);
    // Its answer comes too late, and harms nobody.
    client.send(accepted(&question, "Ada")).await;
    assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn nobody_answers_when_the_input_has_ended() {
    let mut client = Client::in_session("2025-11-25", json!({"elicitation": {}})).await;
    let (call, _) = asked(&mut client, "ask").await;
    client.close_input();
    client.meeting.given_up.notified().await;
    let answer = client.read().await;
    assert_eq!(answer["id"], call);
    assert_eq!(answer["result"]["isError"], true);
    client.ended().await.unwrap();
}
