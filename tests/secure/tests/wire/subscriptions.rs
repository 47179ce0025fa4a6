//! Who hears of changes.

use secure_tests::System;
use serde_json::json;

#[tokio::test]
async fn a_note_is_watched_by_its_uri_in_both_eras() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:write").await.access;
    let mut ada = system.mcp(Some(&token));
    let note = ada
        .call("notes_write", json!({"title": "Tea", "text": "hot"}))
        .await;
    let id = note.structured()["id"].as_str().unwrap().to_owned();
    let uri = format!("notes://{id}");

    let params = json!({"notifications": {"resourceSubscriptions": [uri]}});
    let mut modern = ada.modern("subscriptions/listen", None, params).await;
    assert!(modern.next_message().await.is_some(), "what is listened to");

    ada.initialize().await;
    let mut legacy = ada.bare("GET", &[]).await;
    assert_eq!(legacy.status, 200);
    let subscribed = ada
        .legacy(2, "resources/subscribe", json!({"uri": uri}))
        .await;
    assert_eq!(subscribed.status, 200);

    let rewrite = json!({"title": "Tea", "text": "cold", "id": id});
    ada.call("notes_write", rewrite).await;
    for stream in [&mut modern, &mut legacy] {
        let message = stream.next_message().await.unwrap();
        assert_eq!(message["method"], "notifications/resources/updated");
        assert_eq!(message["params"]["uri"], uri);
    }
}
