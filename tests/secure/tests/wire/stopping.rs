//! The end of the server.

use secure_tests::System;
use serde_json::json;

#[tokio::test]
async fn what_runs_is_finished_and_streams_that_wait_are_closed() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let ada = system.mcp(Some(&token));
    let params = json!({"notifications": {"toolsListChanged": true}});
    let mut listening = ada.modern("subscriptions/listen", None, params).await;
    assert!(
        listening.next_message().await.is_some(),
        "what is listened to"
    );
    let params = json!({"name": "slow_count", "arguments": {"to": 3, "pause": 10}});
    let mut counting = ada.reporting("slow_count", params).await;
    assert!(counting.next_message().await.is_some(), "it counts");
    let address = system.running.address();
    let stopped = tokio::spawn(system.running.stop());
    let mut last = None;
    while let Some(message) = counting.next_message().await {
        last = Some(message);
    }
    let result = &last.unwrap()["result"];
    assert_eq!(result["content"][0]["text"], "Counted to 3.");
    while listening.next_message().await.is_some() {}
    stopped.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
