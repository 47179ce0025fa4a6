//! Tools for what a server holds.

use crate::World;
use serde_json::json;

#[tokio::test]
async fn a_resource_is_added_and_read() {
    let world = World::with_t().await;
    let resource = json!({"uri": "memo://one", "name": "One", "text": "hello"});
    let added = json!({"server": "t", "resource": resource});
    let summary = world.done("add_resource", added.clone()).await;
    assert_eq!(summary["resources"], 1);
    let template = json!({"uri": "memo://{id}/text", "name": "Any", "text": "memo {{id}}"});
    let template = json!({"server": "t", "resource": template});
    assert_eq!(world.done("add_resource", template).await["resources"], 2);
    for (uri, text) in [("memo://one", "hello"), ("memo://7/text", "memo 7")] {
        let read = world
            .ask("t", "resources/read", json!({ "uri": uri }))
            .await;
        assert_eq!(read["contents"][0]["text"], text);
    }

    let twice = world.refused("add_resource", added).await;
    assert!(twice.starts_with("/resources/2/uri: "), "{twice}");
    let wrong = json!({"uri": "memo://two", "name": "Two", "text": "a", "json": {}});
    let wrong = json!({"server": "t", "resource": wrong});
    let told = world.refused("add_resource", wrong).await;
    assert!(told.starts_with("/resources/2"), "{told}");
}

#[tokio::test]
async fn a_prompt_is_added_and_got() {
    let world = World::with_t().await;
    let prompt = json!({"name": "greet", "arguments": [{"name": "who", "required": true}],
        "messages": [{"role": "user", "text": "Greet {{who}}"}]});
    let summary = world
        .done("add_prompt", json!({"server": "t", "prompt": prompt}))
        .await;
    assert_eq!(summary["prompts"], 1);
    let get = json!({"name": "greet", "arguments": {"who": "Ada"}});
    let got = world.ask("t", "prompts/get", get).await;
    assert_eq!(got["messages"][0]["content"]["text"], "Greet Ada");

    let prompt = json!({"name": "leave", "messages": [{"role": "user", "text": "Leave {{whom}}"}]});
    let told = world
        .refused("add_prompt", json!({"server": "t", "prompt": prompt}))
        .await;
    assert!(told.starts_with("/prompts/1/messages/0/text: "), "{told}");
}

#[tokio::test]
async fn a_tool_is_added_once() {
    let world = World::with_t().await;
    let tool = json!({"name": "b", "inputSchema": {"type": "object", "required": ["x"]}, "default": "{{args.x}}"});
    let added = json!({"server": "t", "tool": tool});
    assert_eq!(world.done("add_tool", added.clone()).await["tools"], 2);
    let called = world.ask(
        "t",
        "tools/call",
        json!({"name": "b", "arguments": {"x": 7}}),
    );
    assert_eq!(called.await["structuredContent"], 7);
    let twice = world.refused("add_tool", added).await;
    assert!(twice.starts_with("/tools/2/name: "), "{twice}");
    let misspelt = json!({"server": "t", "tol": {"name": "c"}});
    let told = world.refused("add_tool", misspelt).await;
    assert!(told.contains("tool"), "{told}");
}

#[tokio::test]
async fn scenarios_are_added_in_order() {
    let world = World::with_t().await;
    let scenario = |name: &str, value: i64| {
        let condition = json!({"field": "x", "operator": "gte", "value": value});
        json!({"name": name, "condition": condition, "response": name})
    };
    let last = json!({"server": "t", "tool": "a", "scenario": scenario("positive", 0)});
    world.done("add_scenario", last).await;
    assert_eq!(world.call("t", "a").await.text(), "positive");
    // The first that fits answers.
    let first =
        json!({"server": "t", "tool": "a", "scenario": scenario("one or more", 1), "position": 0});
    world.done("add_scenario", first).await;
    assert_eq!(world.call("t", "a").await.text(), "one or more");

    let mut wrong = scenario("wrong", 1);
    wrong["condition"]["operator"] = "greater".into();
    let wrong = json!({"server": "t", "tool": "a", "scenario": wrong});
    let told = world.refused("add_scenario", wrong).await;
    let path = "/tools/0/scenarios/2/condition/operator: ";
    assert!(told.starts_with(path), "{told}");
    let nowhere = json!({"server": "t", "tool": "b", "scenario": scenario("s", 1)});
    let told = world.refused("add_scenario", nowhere).await;
    assert_eq!(told, "the server `t` has no tool `b`; it has `a`");
}

#[tokio::test]
async fn a_tool_is_tried_without_being_called() {
    let world = World::with_t().await;
    let condition = json!({"field": "x", "operator": "equals", "value": 1});
    let scenario = json!({"name": "s", "condition": condition, "response": {"n": "{{counter}}"}});
    let scenario = json!({"server": "t", "tool": "a", "scenario": scenario});
    world.done("add_scenario", scenario).await;
    for _ in 0..2 {
        let tried = json!({"server": "t", "tool": "a", "arguments": {"x": 1}});
        let report = world.done("test_tool", tried).await;
        assert_eq!(report["outcome"], "response", "{report}");
        assert_eq!(report["result"]["structuredContent"], json!({"n": 1}));
        assert!(report["trace"].is_object(), "{report}");
    }
    let other = json!({"server": "t", "tool": "a", "arguments": {"x": 2}});
    let report = world.done("test_tool", other).await;
    assert_eq!(report["result"]["structuredContent"], "one", "{report}");
    let told = world
        .refused("test_tool", json!({"server": "t", "tool": "b"}))
        .await;
    assert_eq!(told, "the server `t` has no tool `b`; it has `a`");
}
