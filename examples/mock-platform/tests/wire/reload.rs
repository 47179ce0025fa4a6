//! Changes while clients listen.

use crate::{World, curl, design, request};
use http_tests::{Client, Post};
use mock_platform::design::Status;
use serde_json::{Value, json};
use std::{fs, time::Duration};

/// A client that hears of changes of all lists.
async fn listening(world: &World, id: &str) -> Client {
    let wanted = json!({"notifications": {"toolsListChanged": true, "promptsListChanged": true}});
    let post =
        Post::modern("subscriptions/listen", wanted).path(&format!("/api/platform/{id}/mcp"));
    let mut client = world.client().await;
    client.write(&post).await;
    assert_eq!(client.head().await.status, 200);
    let first = client.event().await.unwrap();
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    client
}

async fn tools(world: &World, id: &str) -> Vec<String> {
    let listed = world
        .send(&curl(id, &request("tools/list", json!({}))))
        .await
        .result();
    let tools = listed["tools"].as_array().unwrap().iter();
    tools
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

fn two() -> Value {
    json!([{"name": "a", "default": 1}, {"name": "b", "default": 2}])
}

#[tokio::test]
async fn listeners_hear_of_a_new_tool() {
    let world = World::with([design("t", json!([{"name": "a", "default": 1}]))]).await;
    let mut listener = listening(&world, "t").await;
    world
        .platform
        .patch("t", &json!({ "tools": two() }))
        .await
        .unwrap();
    let told = listener.event().await.unwrap();
    assert_eq!(told["method"], "notifications/tools/list_changed");
    assert_eq!(tools(&world, "t").await, ["a", "b"]);
    // What did not change is not told: the next thing heard is the end.
    world
        .platform
        .patch("t", &json!({"debug": true}))
        .await
        .unwrap();
    world.platform.delete("t").await.unwrap();
    let mut last = Vec::new();
    while let Some(event) = listener.event().await {
        last.push(event);
    }
    assert!(last.last().unwrap().get("result").is_some(), "{last:?}");
}

#[tokio::test]
async fn listeners_of_a_server_that_is_withdrawn_are_let_go() {
    let world = World::with([design("t", two())]).await;
    let mut listener = listening(&world, "t").await;
    world
        .platform
        .set_status("t", Status::Disabled)
        .await
        .unwrap();
    while listener.event().await.is_some() {}
}

#[tokio::test]
async fn a_new_name_or_kind_is_a_new_server() {
    let world = World::with([design("t", two())]).await;
    let mut listener = listening(&world, "t").await;
    let prompts = json!([{"name": "p", "messages": [{"role": "user", "text": "x"}]}]);
    world
        .platform
        .patch("t", &json!({"prompts": prompts, "name": "New"}))
        .await
        .unwrap();
    while listener.event().await.is_some() {}
    let discovered = world
        .send(&Post::modern("server/discover", json!({})).path("/api/platform/t/mcp"))
        .await
        .result();
    assert!(
        discovered["capabilities"]["prompts"].is_object(),
        "{discovered}"
    );
    assert!(discovered.to_string().contains("\"New\""), "{discovered}");
    listening(&world, "t").await;
}

#[tokio::test]
async fn files_that_are_edited_are_served_and_broken_ones_are_told() {
    let world = World::with([design("t", json!([{"name": "a", "default": 1}]))]).await;
    let file = world.directory.path().join("designs/t.json");
    let watching = tokio::spawn(world.platform.clone().watch(Duration::from_millis(10)));
    let mut listener = listening(&world, "t").await;
    fs::write(&file, design("t", two()).to_string()).unwrap();
    let told = listener.event().await.unwrap();
    assert_eq!(told["method"], "notifications/tools/list_changed");
    // By then the file has been read and swapped in; what is asked for now is the new one.
    http_tests::until("the new tool", async || {
        tools(&world, "t").await == ["a", "b"]
    })
    .await;
    for broken in [
        "{\"id\":",
        "{\"id\": \"t\", \"tools\": 3}",
        "{\"id\": \"other\"}",
    ] {
        let before = world.platform.problems();
        fs::write(&file, broken).unwrap();
        http_tests::until("the problem", async || {
            let now = world.platform.problems();
            now != before && !now.is_empty()
        })
        .await;
        assert_eq!(world.platform.problems()[0].id, "t");
        assert_eq!(tools(&world, "t").await, ["a", "b"]);
    }
    fs::write(
        &file,
        design("t", json!([{"name": "c", "default": 3}])).to_string(),
    )
    .unwrap();
    http_tests::until("it is whole again", async || {
        world.platform.problems().is_empty()
    })
    .await;
    assert_eq!(tools(&world, "t").await, ["c"]);
    fs::remove_file(&file).unwrap();
    http_tests::until("it is gone", async || world.platform.server("t").is_none()).await;
    watching.abort();
}
