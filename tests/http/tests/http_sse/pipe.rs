//! A client with a stream, and a connection for what it sends.

use http_tests::{Client, Post};
use serde_json::{Value, json};
use std::net::SocketAddr;

pub(crate) struct Pipe {
    pub(crate) stream: Client,
    pub(crate) sender: Client,
    /// Where messages go: path and query.
    pub(crate) target: String,
    next: i64,
}

/// The GET that opens a stream.
pub(crate) fn get(path: &str) -> Post {
    Post::raw("")
        .verb("GET")
        .path(path)
        .set("accept", "text/event-stream")
}

impl Pipe {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self::open_with(address, get("/mcp")).await
    }

    pub(crate) async fn open_with(address: SocketAddr, get: Post) -> Self {
        let mut stream = Client::connect(address).await;
        stream.write(&get).await;
        let head = stream.head().await;
        assert_eq!(head.status, 200);
        assert_eq!(head.headers["content-type"], "text/event-stream");
        assert_eq!(head.headers["cache-control"], "no-cache, no-transform");
        // The first event comes at once, and alone.
        let first = stream.chunk().await.unwrap();
        let first = std::str::from_utf8(&first).unwrap();
        let target = first
            .strip_prefix("event: endpoint\ndata: ")
            .and_then(|rest| rest.strip_suffix("\n\n"))
            .unwrap_or_else(|| panic!("{first:?}"));
        // As clients resolve it, against the URI of the stream.
        let target = match target.starts_with('?') {
            true => format!("{}{target}", get.path),
            false => target.to_owned(),
        };
        Self {
            stream,
            sender: Client::connect(address).await,
            target,
            next: 1,
        }
    }

    /// One whose session has begun.
    pub(crate) async fn in_session(address: SocketAddr, capabilities: Value) -> Self {
        let mut pipe = Self::open(address).await;
        pipe.initialize("2024-11-05", capabilities).await;
        pipe
    }

    pub(crate) async fn initialize(&mut self, revision: &str, capabilities: Value) -> Value {
        let params = json!({
            "protocolVersion": revision,
            "capabilities": capabilities,
            "clientInfo": {"name": "test", "version": "1"},
        });
        let answer = self.ask("initialize", params).await;
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await;
        answer
    }

    /// A message for this connection.
    pub(crate) fn post(&self, message: &Value) -> Post {
        Post::message(message).path(&self.target)
    }

    pub(crate) async fn send(&mut self, message: Value) {
        let reply = self.sender.send(&self.post(&message)).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        assert!(reply.body.is_empty());
    }

    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.next;
        self.next += 1;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .await;
        id.into()
    }

    pub(crate) async fn read(&mut self) -> Value {
        self.stream.event().await.expect("the stream has ended")
    }

    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        let answer = self.read().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))
            .await
    }
}

pub(crate) fn text(answer: &Value) -> &str {
    let text = answer["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("{answer}"))
}
