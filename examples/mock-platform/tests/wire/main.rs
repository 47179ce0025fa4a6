//! The mock platform, seen from a socket, as curl would ask it.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod bodies;
mod catalog;
mod ending;
mod profiles;
mod reload;
mod scenarios;
mod schemas;
#[path = "../world/mod.rs"]
mod world;

use http_tests::{Post, Reply};
use serde_json::{Value, json};
use world::World;

impl World {
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
