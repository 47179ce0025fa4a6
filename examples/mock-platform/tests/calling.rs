//! Calls one after the other, and what they come to.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod world;

use http_tests::Post;
use serde_json::{Value, json};
use world::{KEY, World};

impl World {
    /// A server `t` with one tool of the same name.
    async fn of_tool(mut tool: Value) -> Self {
        tool["name"] = json!("t");
        let design = json!({"id": "t", "name": "Test", "version": "1", "seed": 7,
            "status": "published", "tools": [tool]});
        Self::with([design]).await
    }

    async fn call(&self) -> String {
        let post = Post::call("t", json!({})).path("/api/platform/t/mcp");
        self.send(&post).await.text()
    }

    async fn reset(&self, id: &str) -> u16 {
        let post = Post::raw("").path(&format!("/api/admin/servers/{id}/reset"));
        self.send(&post.set("x-api-key", KEY)).await.status
    }

    /// Has the tool other scenarios.
    async fn change(&self, scenarios: Value) {
        let change = json!({"tools": [{"name": "t", "scenarios": scenarios}]});
        self.platform.patch("t", &change).await.unwrap();
    }
}

fn sequence(answers: &[&str]) -> Value {
    let answers = answers.iter().map(|answer| json!({"response": answer}));
    json!({"sequence": answers.collect::<Value>()})
}

#[tokio::test]
async fn a_sequence_begins_anew_where_it_was_changed_and_nowhere_else() {
    let [old, new] = [sequence(&["one", "two"]), sequence(&["A", "B", "C"])];
    let world = World::of_tool(json!({"scenarios": [old]})).await;
    for answer in ["one", "two", "two"] {
        assert_eq!(world.call().await, answer);
    }
    // One that is put before it changes nothing.
    let other = json!({"condition": {"field": "x", "operator": "exists"}, "response": "x"});
    world.change(json!([other, old])).await;
    assert_eq!(world.call().await, "two");
    world.change(json!([other, new])).await;
    for answer in ["A", "B", "C", "C"] {
        assert_eq!(world.call().await, answer);
    }
}

#[tokio::test]
async fn a_reset_has_everything_begin_anew() {
    let counted = json!({"response": "{{counter}} {{random 1 1000000}}"});
    let scenario = json!({"sequence": [counted, {"sequence": [counted, {"response": "end"}]}]});
    let world = World::of_tool(json!({"scenarios": [scenario]})).await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let run = [world.call().await, world.call().await, world.call().await];
        assert!(
            run[0].starts_with("1 ") && run[1].starts_with("2 "),
            "{run:?}"
        );
        assert_eq!(run[2], "end");
        runs.push(run);
        assert_eq!(world.reset("t").await, 204);
    }
    assert_eq!(runs[0], runs[1]);
    assert_eq!(world.platform.calls("t").unwrap().len(), 6);
    assert_eq!(world.reset("nobody").await, 404);
}

#[tokio::test]
async fn a_trial_is_what_the_next_call_comes_to() {
    let world = World::of_tool(json!({"default": "{{random 1 1000000}} {{counter}}"})).await;
    for _ in 0..3 {
        let tried = world.platform.test("t", "t", &json!({})).unwrap();
        assert_eq!(tried.result["content"][0]["text"], world.call().await);
    }
}

#[tokio::test]
async fn arguments_that_cannot_be_read_have_no_path() {
    let world = World::of_tool(json!({"default": 1})).await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call",
        "params":{"name":"t","arguments":{"n":1e400}}}"#;
    let post = Post::raw(body).path("/api/platform/t/mcp");
    let reply = world.send(&post).await.message();
    let message = reply["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("Invalid params: "), "{message}");
    assert!(!message.contains(": :"), "{message}");
}
