//! What callers send, and where it is good.

use crate::{World, at, basic, bearer, call, oauth2, open, pair, refused, unknown};
use http_tests::Post;
use mock_platform::design::Status;
use serde_json::json;

const ONE: &str = r#"Bearer realm="mcp one""#;
const WRONG: &str = r#"Bearer realm="mcp one", error="invalid_token""#;

#[tokio::test]
async fn a_bearer_token_lets_in() {
    let world = World::known([bearer("one", "secret-1"), open("open")]).await;
    refused(&world.call("one", "").await, ONE);
    refused(&world.call("one", &pair("one", "secret-1")).await, ONE);
    for wrong in ["Bearer secret-2", "Bearer Secret-1"] {
        refused(&world.call("one", wrong).await, WRONG);
    }
    for right in ["Bearer secret-1", "bEARER secret-1"] {
        let events = world.call("one", right).await;
        assert_eq!(events.header("content-type"), "text/event-stream");
        assert_eq!(events.text(), "one");
        let json = call("one", right).set("accept", "application/json");
        let json = world.send(&json).await;
        assert_eq!(json.header("content-type"), "application/json");
        assert_eq!(json.text(), "one");
    }
    assert_eq!(world.call("open", "").await.text(), "open");
    // Whoever is not let in is asked for nothing else first.
    for post in [
        Post::initialize("2025-06-18"),
        Post::modern("tools/list", json!({})),
        Post::raw("not JSON").set("content-type", "text/plain"),
        Post::raw("").verb("GET"),
    ] {
        refused(&world.send(&at(post, "one", "")).await, ONE);
    }
    let initialize = at(Post::initialize("2025-06-18"), "one", "Bearer secret-1");
    assert_eq!(
        world.send(&initialize).await.result()["serverInfo"]["name"],
        "Test"
    );
}

#[tokio::test]
async fn a_user_with_a_password_is_let_in() {
    let world = World::known([basic("one", "ada", "päss:word")]).await;
    let challenge = r#"Basic realm="mcp one", charset="UTF-8""#;
    assert_eq!(
        world.call("one", &pair("ada", "päss:word")).await.text(),
        "one"
    );
    let wrong = [
        pair("ada", "pass:word"),
        pair("bob", "päss:word"),
        pair("ada", ""),
        pair("", ""),
        "Bearer abc".to_owned(),
        String::new(),
    ];
    for authorization in &wrong {
        refused(&world.call("one", authorization).await, challenge);
    }
    let unreadable = world.call("one", "Basic secret").await;
    assert_eq!(unreadable.status, 400, "{unreadable:?}");
    assert!(!unreadable.json().to_string().contains("secret"));
}

#[tokio::test]
async fn what_is_good_for_one_server_is_good_for_no_other() {
    let world = World::known([
        bearer("one", "secret-1"),
        bearer("two", "secret-2"),
        oauth2("three", "secret-1", "secret-2"),
    ])
    .await;
    assert_eq!(world.call("two", "Bearer secret-2").await.text(), "two");
    for (id, authorization) in [
        ("one", "Bearer secret-2"),
        ("two", "Bearer secret-1"),
        ("three", "Bearer secret-1"),
        ("three", "Bearer secret-2"),
    ] {
        assert_eq!(world.call(id, authorization).await.status, 401, "{id}");
    }
}

#[tokio::test]
async fn what_is_not_there_looks_the_same_to_everybody() {
    let world = World::known([bearer("one", "secret-1")]).await;
    let platform = &world.platform;
    platform.set_status("one", Status::Disabled).await.unwrap();
    for id in ["one", "none"] {
        for authorization in ["", "Bearer secret-1", "Bearer secret-2", "Basic ???"] {
            unknown(&world.call(id, authorization).await);
        }
    }
    platform.set_status("one", Status::Published).await.unwrap();
    assert_eq!(world.call("one", "Bearer secret-1").await.text(), "one");
}

#[tokio::test]
async fn rules_change_for_those_who_listen_too() {
    let world = World::known([bearer("one", "secret-1")]).await;
    let wanted = json!({"notifications": {"toolsListChanged": true}});
    let listen = Post::modern("subscriptions/listen", wanted);
    let listen = at(listen, "one", "Bearer secret-1");
    let mut listener = world.client().await;
    listener.write(&listen).await;
    assert_eq!(listener.head().await.status, 200);
    assert!(listener.event().await.is_some());
    // Another change leaves them alone; they hear of it.
    let tools = json!({"tools": [{"name": "answer", "default": "new"}]});
    world.platform.patch("one", &tools).await.unwrap();
    assert_eq!(world.call("one", "Bearer secret-1").await.text(), "new");
    let made = world.credentials("one", "").await;
    let mut heard = Vec::new();
    while let Some(event) = listener.event().await {
        heard.push(event);
    }
    assert!(
        heard[0]["method"] == "notifications/tools/list_changed",
        "{heard:?}"
    );
    refused(&world.send(&listen).await, WRONG);
    // Whoever knows the new secret listens again, and hears of what comes.
    let token = made["token"].as_str().unwrap();
    let mut listener = world.client().await;
    listener
        .write(&listen.set("authorization", format!("Bearer {token}")))
        .await;
    assert_eq!(listener.head().await.status, 200);
    assert!(listener.event().await.is_some());
    let tools = json!({"tools": [{"name": "answer", "default": "newer"}, {"name": "other"}]});
    world.platform.patch("one", &tools).await.unwrap();
    let told = listener.event().await.unwrap();
    assert_eq!(told["method"], "notifications/tools/list_changed");
    world
        .platform
        .patch("one", &json!({"auth": null}))
        .await
        .unwrap();
    assert_eq!(world.call("one", "").await.text(), "newer");
}
