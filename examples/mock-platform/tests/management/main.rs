//! The management server, over a socket.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod designs;
mod items;
#[path = "../world/mod.rs"]
mod world;

use http_tests::{Post, Reply};
use serde_json::{Value, json};
use world::{KEY, World};

impl World {
    /// Calls a tool of the management server.
    async fn manage(&self, tool: &str, arguments: Value) -> Value {
        let post = Post::call(tool, arguments).path("/api/platform-mcp/mcp");
        self.send(post.set("x-api-key", KEY)).await.result()
    }

    /// Calls a tool of the management server that does what it is asked: its structured result.
    async fn done(&self, tool: &str, arguments: Value) -> Value {
        let result = self.manage(tool, arguments).await;
        assert_ne!(result["isError"], true, "{tool}: {result}");
        result["structuredContent"].clone()
    }

    /// Calls a tool of the management server that does not: what it says.
    async fn refused(&self, tool: &str, arguments: Value) -> String {
        let result = self.manage(tool, arguments).await;
        assert_eq!(result["isError"], true, "{tool}: {result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// With a published server `t`, which has a tool `a`.
    async fn with_t() -> Self {
        let world = Self::with([]).await;
        let tools = json!([{"name": "a", "description": "The first", "default": "one"}]);
        let design =
            json!({"id": "t", "name": "T", "version": "1", "status": "published", "tools": tools});
        world
            .done("create_mcp_server", json!({ "design": design }))
            .await;
        world
    }

    /// Sends a request of the newest revision to a mocked server.
    async fn ask(&self, id: &str, method: &str, params: Value) -> Value {
        let post = Post::modern(method, params);
        self.send(post.path(&format!("/api/platform/{id}/mcp")))
            .await
            .result()
    }

    /// Calls a tool of a mocked server.
    async fn call(&self, id: &str, tool: &str) -> Reply {
        let post = Post::call(tool, json!({"x": 1}));
        self.send(post.path(&format!("/api/platform/{id}/mcp")))
            .await
    }
}

#[tokio::test]
async fn nothing_is_managed_without_the_key() {
    let world = World::with([]).await;
    let bare = Post::call("list_mcp_servers", json!({})).path("/api/platform-mcp/mcp");
    assert_eq!(world.send(bare.clone()).await.status, 401);
    let wrong = bare.clone().set("authorization", "Bearer another");
    assert_eq!(world.send(wrong).await.status, 401);
    let right = bare.set("authorization", format!("Bearer {KEY}"));
    let listed = world.send(right).await.result();
    assert_eq!(listed["structuredContent"], json!({"servers": []}));
}

#[tokio::test]
async fn a_server_that_is_made_by_mcp_is_called_by_mcp() {
    let world = World::with([]).await;
    let design = json!({"id": "t", "name": "T", "version": "1", "auth": "none",
        "tools": [{"name": "a", "default": "one"}]});
    let made = world
        .manage("create_mcp_server", json!({ "design": design }))
        .await;
    assert_eq!(made["structuredContent"]["status"], "draft", "{made}");
    assert_eq!(world.call("t", "a").await.status, 404);
    world.manage("publish_mcp_server", json!({"id": "t"})).await;
    assert_eq!(world.call("t", "a").await.text(), "one");

    let wanted = json!({"notifications": {"toolsListChanged": true}});
    let listen = Post::modern("subscriptions/listen", wanted).path("/api/platform/t/mcp");
    let mut listener = world.client().await;
    listener.write(&listen).await;
    assert_eq!(listener.head().await.status, 200);
    let first = listener.event().await.unwrap();
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    let tool = json!({"name": "b", "default": "two"});
    world
        .manage("add_tool", json!({"server": "t", "tool": tool}))
        .await;
    let told = listener.event().await.unwrap();
    assert_eq!(told["method"], "notifications/tools/list_changed");
    assert_eq!(world.call("t", "b").await.text(), "two");

    let scenario = json!({"name": "s", "response": "three"});
    let added = json!({"server": "t", "tool": "b", "scenario": scenario});
    world.manage("add_scenario", added).await;
    assert_eq!(world.call("t", "b").await.text(), "three");
    let tried = world
        .manage("test_tool", json!({"server": "t", "tool": "b"}))
        .await;
    assert_eq!(tried["structuredContent"]["outcome"], "response", "{tried}");

    world.manage("delete_mcp_server", json!({"id": "t"})).await;
    assert_eq!(world.call("t", "b").await.status, 404);
}
