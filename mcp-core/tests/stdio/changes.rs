//! What clients are told of the server.

use super::client::{Client, modern, text};
use mcp_core::protocol::key;
use serde_json::{Value, json};

async fn next(client: &mut Client) -> (String, Value) {
    let message = client.read().await;
    let method = message["method"].as_str();
    let method = method.unwrap_or_else(|| panic!("{message}")).to_owned();
    (method, message["params"].clone())
}

fn change_tools(client: &Client) {
    client
        .server
        .update(|catalog| {
            catalog.remove_tool("panic");
        })
        .unwrap();
}

#[tokio::test]
async fn a_session_is_told_of_lists_and_of_its_resources() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let set = client
        .ask("resources/subscribe", json!({"uri": "notes://a"}))
        .await;
    assert_eq!(set["result"], json!({}));
    client.server.resource_updated("notes://b");
    client.server.resource_updated("notes://a");
    let (method, params) = next(&mut client).await;
    assert_eq!(method, "notifications/resources/updated");
    assert_eq!(params, json!({"uri": "notes://a"}));
    change_tools(&client);
    assert_eq!(
        next(&mut client).await.0,
        "notifications/tools/list_changed"
    );
    let unset = client
        .ask("resources/unsubscribe", json!({"uri": "notes://a"}))
        .await;
    assert_eq!(unset["result"], json!({}));
    client.server.resource_updated("notes://a");
    assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn whoever_has_no_session_is_told_nothing() {
    let mut client = Client::start();
    change_tools(&client);
    client.ask("server/discover", modern(json!({}))).await;
    client.close_input();
    assert_eq!(client.read_line().await, None);
}

#[tokio::test]
async fn subscriptions_are_told_apart_by_their_ids() {
    let mut client = Client::start();
    let tools = modern(json!({"notifications": {"toolsListChanged": true}}));
    let uris = modern(json!({"notifications": {"resourceSubscriptions": ["notes://a"]}}));
    let mut listen = async |id: Value, params: &Value| {
        let method = "subscriptions/listen";
        client
            .send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .await;
        let (method, params) = next(&mut client).await;
        assert_eq!(method, "notifications/subscriptions/acknowledged");
        assert_eq!(params["_meta"][key::SUBSCRIPTION_ID], id);
    };
    listen(json!(7), &tools).await;
    listen(json!("listen-1"), &uris).await;
    client.server.resource_updated("notes://a");
    let (method, params) = next(&mut client).await;
    assert_eq!(method, "notifications/resources/updated");
    assert_eq!(params["_meta"][key::SUBSCRIPTION_ID], "listen-1");
    change_tools(&client);
    let (method, params) = next(&mut client).await;
    assert_eq!(method, "notifications/tools/list_changed");
    assert_eq!(params["_meta"][key::SUBSCRIPTION_ID], 7);

    client.cancel(&json!("listen-1")).await;
    let sum = modern(json!({"name": "add", "arguments": {"a": 1, "b": 1}}));
    assert_eq!(text(&client.ask("tools/call", sum).await), "2");
    client.server.resource_updated("notes://a");
    client.ask("ping", json!({})).await;

    // The server ends the other one, and with it the conversation.
    client.server.close_listeners();
    let (method, params) = next(&mut client).await;
    assert_eq!(
        (&*method, &params["requestId"]),
        ("notifications/cancelled", &json!(7))
    );
    let answer = client.read().await;
    assert_eq!(answer["id"], 7);
    assert_eq!(answer["result"]["_meta"][key::SUBSCRIPTION_ID], 7);
    assert_eq!(answer["result"]["resultType"], "complete");
    assert_eq!(client.read_line().await, None);
    client.ended().await.unwrap();
}

/// A reader that is slow is told once what has happened often.
#[tokio::test]
async fn changes_do_not_pile_up() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    client
        .ask("resources/subscribe", json!({"uri": "notes://a"}))
        .await;
    // More than the pipe holds: from here on the client does not read.
    let large = client
        .request(
            "tools/call",
            json!({"name": "large", "arguments": {"bytes": 300_000}}),
        )
        .await;
    client.request("tools/call", json!({"name": "pass"})).await;
    client.meeting.begun.heard().await;
    for _ in 0..1000 {
        client.server.resource_updated("notes://a");
        tokio::task::yield_now().await;
    }
    client.meeting.pass.say();
    let mut told = 0;
    let mut answered = 0;
    while answered < 2 {
        let message = client.read().await;
        match message.get("id") {
            Some(_) => answered += 1,
            None => told += 1,
        }
    }
    assert!((1..40).contains(&told), "{told} {large}");
}
