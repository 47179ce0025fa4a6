//! Calls that are cancelled by id.

use super::client::{Client, modern};
use serde_json::json;

#[tokio::test]
async fn a_cancelled_call_stops_and_is_not_answered() {
    for is_modern in [false, true] {
        let mut client = Client::in_session("2025-11-25", json!({})).await;
        let params = json!({"name": "wait"});
        let params = if is_modern { modern(params) } else { params };
        let id = client.request("tools/call", params).await;
        client.meeting.begun.heard().await;
        client.cancel(&json!("another")).await;
        client.cancel(&id).await;
        client.meeting.dropped.heard().await;
        // Nothing comes before the answer to this.
        assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
        // Again, and too late.
        client.cancel(&id).await;
        client.close_input();
        assert_eq!(client.read_line().await, None);
        client.ended().await.unwrap();
    }
}

#[tokio::test]
async fn ids_of_another_type_are_other_ids() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let id = client.request("tools/call", json!({"name": "pass"})).await;
    client.meeting.begun.heard().await;
    client.cancel(&json!(id.to_string())).await;
    client.ask("ping", json!({})).await;
    client.meeting.pass.say();
    assert_eq!(client.read().await["id"], id);
}

#[tokio::test]
async fn malformed_cancellations_are_ignored() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    for params in [json!({}), json!({"requestId": null}), json!([]), json!(5)] {
        let method = "notifications/cancelled";
        client
            .send(json!({"jsonrpc": "2.0", "method": method, "params": params}))
            .await;
    }
    assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
}
