//! How a conversation ends.

use super::client::{Client, LONG, modern, text};
use mcp_core::governor::{Budget, Budgets, Governor};
use serde_json::json;
use std::time::Duration;
use tokio::{sync::oneshot, time::timeout};

#[tokio::test]
async fn it_ends_with_its_input() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    client.close_input();
    assert_eq!(client.read_line().await, None);
    client.ended().await.unwrap();
}

#[tokio::test]
async fn what_is_nearly_done_is_answered() {
    let mut client = Client::start_with(|stdio| stdio.grace(LONG));
    client.initialize("2025-11-25", json!({})).await;
    let id = client.request("tools/call", json!({"name": "pass"})).await;
    client.meeting.begun.heard().await;
    client.close_input();
    client.meeting.pass.say();
    let answer = client.read().await;
    assert_eq!((&answer["id"], text(&answer)), (&id, "passed"));
    // Well before the grace period is over.
    client.ended().await.unwrap();
}

#[tokio::test]
async fn the_last_line_needs_no_end() {
    let mut client = Client::start();
    client
        .write(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
        .await;
    client.close_input();
    assert_eq!(client.read().await["id"], 1);
    client.ended().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_goes_on_is_stopped() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    client.request("tools/call", json!({"name": "wait"})).await;
    let filter = json!({"notifications": {"toolsListChanged": true}});
    client.request("subscriptions/listen", modern(filter)).await;
    client.meeting.begun.heard().await;
    client.close_input();
    client.meeting.dropped.heard().await;
    client.ended().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_not_waited_for() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    for _ in 0..40 {
        let arguments = json!({"bytes": 100_000});
        client
            .request(
                "tools/call",
                json!({"name": "large", "arguments": arguments}),
            )
            .await;
    }
    client.close_input();
    client.ended().await.unwrap();
}

/// Its output is gone: whatever runs is for nobody.
#[tokio::test]
async fn a_client_that_goes_away_ends_it() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    client.request("tools/call", json!({"name": "wait"})).await;
    client.meeting.begun.heard().await;
    let meeting = client.meeting.clone();
    client.request("tools/call", json!({"name": "pass"})).await;
    meeting.begun.heard().await;
    let (input, served) = client.go_away();
    meeting.pass.say();
    meeting.dropped.heard().await;
    timeout(LONG, served).await.unwrap().unwrap().unwrap();
    drop(input);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_only_sends_is_cut_off() {
    let mut client = Client::start();
    client.initialize("2025-11-25", json!({})).await;
    // Answers of 100 KB each, which nobody reads, fill every place; then errors find no room.
    let sending = async {
        loop {
            client.write("no message\n").await;
        }
    };
    let _ = timeout(Duration::from_secs(5), sending).await;
    let error = client.ended().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_signal_ends_it() {
    let (signal, signalled) = oneshot::channel::<()>();
    let mut client = Client::start_with(|stdio| {
        stdio.grace(LONG).graceful(async {
            let _ = signalled.await;
        })
    });
    client.initialize("2025-11-25", json!({})).await;
    let id = client.request("tools/call", json!({"name": "pass"})).await;
    client.meeting.begun.heard().await;
    signal.send(()).unwrap();
    client.meeting.pass.say();
    assert_eq!(client.read().await["id"], id);
    assert_eq!(client.read_line().await, None);
    client.ended().await.unwrap();
}

#[tokio::test]
async fn it_ends_with_its_server() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let id = client.request("tools/call", json!({"name": "pass"})).await;
    client.meeting.begun.heard().await;
    let ending = tokio::spawn(client.server.shutdown(LONG));
    let late = client.request("tools/call", json!({"name": "add"})).await;
    let refused = client.read().await;
    assert_eq!(
        (&refused["id"], &refused["error"]["code"]),
        (&late, &json!(-32603))
    );
    client.meeting.pass.say();
    let answer = client.read().await;
    assert_eq!((&answer["id"], text(&answer)), (&id, "passed"));
    assert_eq!(client.read_line().await, None);
    client.ended().await.unwrap();
    assert_eq!(ending.await.unwrap().finished, 1);
}

#[tokio::test]
async fn calls_are_bounded_and_what_they_wait_for_is_not() {
    let governor = Governor::new(Budgets::new().total(Budget::Calls, 1));
    let held = governor.clone();
    let mut client = Client::start_with(|stdio| stdio.governor(governor));
    client
        .initialize("2025-11-25", json!({"elicitation": {}}))
        .await;
    let id = client.request("tools/call", json!({"name": "ask"})).await;
    let question = client.read().await;
    let refused = client.ask("tools/list", json!({})).await;
    assert_eq!(refused["error"]["code"], -32603);
    let result = json!({"action": "accept", "content": {"name": "Ada"}});
    client
        .send(json!({"jsonrpc": "2.0", "id": question["id"], "result": result}))
        .await;
    assert_eq!(client.read().await["id"], id);
    client.close_input();
    client.ended().await.unwrap();
    for budget in Budget::ALL {
        assert_eq!(held.snapshot().usage(budget).used, 0, "{budget:?}");
    }
}

/// A handler that emits more than a stalled client takes goes on in the end.
#[tokio::test(start_paused = true)]
async fn a_flood_waits_for_its_reader() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let id = client
        .request(
            "tools/call",
            json!({"name": "flood", "arguments": {"count": 2000}}),
        )
        .await;
    let mut told = 0;
    loop {
        let message = client.read().await;
        if message.get("id").is_some() {
            assert_eq!(message["id"], id);
            break;
        }
        told += 1;
    }
    assert_eq!(told, 2000);
}
