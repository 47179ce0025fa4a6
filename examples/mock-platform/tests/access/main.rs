//! Who may call a server of the platform, seen from a socket.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod credentials;
mod discovery;
mod schemes;
mod tokens;
#[path = "../world/mod.rs"]
mod world;

use base64::{Engine, prelude::BASE64_STANDARD};
use http_tests::{Post, Reply};
use mock_platform::{access::PublicUrl, app::AppOptions};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use std::time::Duration;
use world::{KEY, World};

const URL: &str = "https://mocks.example.com";

impl World {
    /// With an address that clients know.
    async fn known(designs: impl IntoIterator<Item = Value>) -> Self {
        Self::lasting(designs, 3_600).await
    }

    /// With tokens that are good for so many seconds.
    async fn lasting(designs: impl IntoIterator<Item = Value>, seconds: u64) -> Self {
        let mut options = AppOptions::new(KEY);
        options.public_url = PublicUrl::parse(URL).unwrap();
        options.token_time = Duration::from_secs(seconds);
        Self::set_up(designs, &options).await
    }

    /// Calls the tool of a server.
    async fn call(&self, id: &str, authorization: &str) -> Reply {
        self.send(&call(id, authorization)).await
    }

    /// As an administrator.
    async fn ask(&self, verb: &str, path: &str, body: &str) -> Reply {
        let mut post = Post::raw(body).path(&format!("/api/admin/servers/{path}"));
        verb.clone_into(&mut post.verb);
        self.send(&post.add("x-api-key", KEY)).await
    }

    /// New credentials, once.
    async fn credentials(&self, id: &str, body: &str) -> Value {
        let made = self.ask("POST", &format!("{id}/credentials"), body).await;
        assert_eq!(made.status, 200, "{made:?}");
        assert_eq!(made.header("cache-control"), "no-store");
        made.json()
    }
}

/// A published server with a tool, and with access rules.
fn design(id: &str, auth: Value) -> Value {
    json!({"id": id, "name": "Test", "version": "1", "status": "published", "auth": auth,
        "tools": [{"name": "answer", "default": id}]})
}

fn bearer(id: &str, token: &str) -> Value {
    design(id, json!({"type": "bearer", "token_sha256": sha256(token)}))
}

fn basic(id: &str, username: &str, password: &str) -> Value {
    let auth = json!({"type": "basic", "username": username, "password_sha256": sha256(password)});
    design(id, auth)
}

fn oauth2(id: &str, client_id: &str, secret: &str) -> Value {
    let auth =
        json!({"type": "oauth2", "client_id": client_id, "client_secret_sha256": sha256(secret)});
    design(id, auth)
}

fn open(id: &str) -> Value {
    design(id, json!("none"))
}

fn sha256(text: &str) -> String {
    let digest = digest(&SHA256, text.as_bytes());
    let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

fn call(id: &str, authorization: &str) -> Post {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "answer"}});
    at(Post::message(&message), id, authorization)
}

fn at(post: Post, id: &str, authorization: &str) -> Post {
    let post = post
        .path(&format!("/api/platform/{id}/mcp"))
        .set("accept", "*/*");
    match authorization {
        "" => post,
        _ => post.add("authorization", authorization),
    }
}

/// The header of a user or a client.
fn pair(name: &str, secret: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{name}:{secret}"))
    )
}

fn get(path: &str) -> Post {
    Post::raw("").verb("GET").path(path)
}

/// Refused, and told how to get in.
fn refused(reply: &Reply, challenge: &str) {
    assert_eq!(reply.status, 401, "{reply:?}");
    assert_eq!(reply.header("www-authenticate"), challenge);
}

/// The one answer about everything that is not there.
fn unknown(reply: &Reply) {
    assert_eq!(reply.status, 404, "{reply:?}");
    assert_eq!(
        reply.json(),
        json!({"error": {"message": "No such server"}})
    );
    assert!(!reply.headers.contains_key("www-authenticate"));
}
