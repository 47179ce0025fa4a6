//! Sessions of the legacy era: whose they are, and how they end.

use secure_tests::{Authorization, System, Tokens, parameters};
use serde_json::json;

#[tokio::test]
async fn a_session_belongs_to_its_subject() {
    let system = System::start().await;
    let ada = system.grant("ada", "notes:read").await.access;
    let grace = system.grant("grace", "notes:read").await.access;
    let mut session = system.mcp(Some(&ada));
    assert_eq!(session.initialize().await.status, 200);
    let thief = session.stolen(&grace);
    assert_eq!(thief.legacy(2, "ping", json!({})).await.status, 404);
    let event_stream = [("accept", "text/event-stream")];
    assert_eq!(thief.bare("GET", &event_stream).await.status, 404);
    assert_eq!(thief.bare("DELETE", &[]).await.status, 404);
    // A later token of the same subject goes on with it.
    let later = system.grant("ada", "notes:read").await.access;
    assert_eq!(
        session
            .stolen(&later)
            .legacy(2, "ping", json!({}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_client_ends_its_session() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let mut session = system.mcp(Some(&token));
    session.initialize().await;
    assert_eq!(session.bare("DELETE", &[]).await.status, 204);
    assert_eq!(session.legacy(2, "ping", json!({})).await.status, 404);
}

#[tokio::test]
async fn revoking_a_token_ends_the_streams_that_it_opened() {
    let system = System::start().await;
    let client = system.register().await;
    let code = Authorization::new(&system, &client, "notes:read")
        .code(&system)
        .await;
    let tokens = Tokens::of(system.redeem(&client, &code).await).await;
    let mut session = system.mcp(Some(&tokens.access));
    session.initialize().await;
    let mut notices = session.bare("GET", &[]).await;
    assert_eq!(
        (notices.status.as_u16(), notices.header("content-type")),
        (200, "text/event-stream")
    );
    let params = json!({
        "name": "slow_count", "arguments": {"to": 1_000, "pause": 10_000},
        "_meta": {"progressToken": "p"},
    });
    let mut count = session.legacy(2, "tools/call", params).await;
    let first = count.next_message().await.unwrap();
    assert_eq!(first["method"], "notifications/progress");
    let form = parameters([("token", tokens.access.as_str()), ("client_id", &client.id)]);
    assert_eq!(system.client.post_form("/revoke", form).await.status, 200);
    assert!(notices.next_message().await.is_none());
    assert!(count.next_message().await.is_none());
    assert_eq!(session.legacy(3, "ping", json!({})).await.status, 401);
}
#[tokio::test]
async fn a_count_that_was_cut_off_goes_on_where_it_was() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let mut session = system.mcp(Some(&token));
    session.initialize().await;
    let params = json!({
        "name": "slow_count", "arguments": {"to": 5, "pause": 20},
        "_meta": {"progressToken": "p"},
    });
    let mut count = session.legacy(2, "tools/call", params).await;
    let seen = loop {
        let event = count.event().await.unwrap();
        if event.message.is_some() {
            break event;
        }
    };
    drop(count);
    let last = seen.id.unwrap();
    let resumed = [("accept", "text/event-stream"), ("last-event-id", &*last)];
    // Another subject has no such stream.
    let grace = system.grant("grace", "notes:read").await.access;
    assert_eq!(
        session.stolen(&grace).bare("GET", &resumed).await.status,
        404
    );
    let mut rest = session.bare("GET", &resumed).await;
    assert_eq!(rest.status, 200);
    let mut number = seen.message.unwrap()["params"]["progress"]
        .as_f64()
        .unwrap();
    let result = loop {
        let message = rest.next_message().await.unwrap();
        let Some(progress) = message["params"]["progress"].as_f64() else {
            break message;
        };
        assert!(progress > number, "{progress} after {number}");
        number = progress;
    };
    assert_eq!(result["id"], 2);
    assert_eq!(result["result"]["content"][0]["text"], "Counted to 5.");
    assert!(rest.next_message().await.is_none());
}
