//! The mock platform, seen from a socket, as curl would ask it.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod bodies;
mod catalog;
mod ending;
mod profiles;
mod reload;
mod scenarios;
mod schemas;

use http_tests::{Client, Post, Reply, Running, serve_axum};
use mock_platform::{
    app::{AppOptions, app},
    demo,
    platform::Platform,
    store::Directory,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A platform on a port of its own.
struct World {
    running: Running,
    platform: Platform,
    directory: TempDir,
}

impl World {
    /// With the shipped designs.
    async fn demo() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = demo::directory(&directory.path().join("designs")).unwrap();
        Self::of(store, directory).await
    }

    /// With these designs.
    async fn with(designs: impl IntoIterator<Item = Value>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Directory::open(directory.path().join("designs")).unwrap();
        let world = Self::of(store, directory).await;
        for design in designs {
            world.platform.create(design).await.unwrap();
        }
        world
    }

    async fn of(store: Directory, directory: TempDir) -> Self {
        let platform = Platform::open(store).await.unwrap();
        assert_eq!(platform.problems(), []);
        let app = app(&platform, &AppOptions::new("a key of administrators"));
        Self {
            running: serve_axum(app).await,
            platform,
            directory,
        }
    }

    async fn client(&self) -> Client {
        Client::connect(self.running.address).await
    }

    async fn send(&self, post: &Post) -> Reply {
        self.client().await.send(post).await
    }

    /// Calls a tool with curl's headers.
    async fn call(&self, id: &str, tool: &str, arguments: Value) -> Reply {
        let params = json!({"name": tool, "arguments": arguments});
        self.send(&curl(id, &request("tools/call", params))).await
    }
}

/// A message, with the headers that curl sends by itself and the one that it is told to.
fn curl(id: &str, message: &Value) -> Post {
    Post::message(message)
        .path(&format!("/api/platform/{id}/mcp"))
        .set("accept", "*/*")
        .set("user-agent", "curl/7.88.1")
}

fn request(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

/// A published server with these tools.
fn design(id: &str, tools: Value) -> Value {
    json!({"id": id, "name": "Test", "version": "1", "status": "published", "tools": tools})
}
