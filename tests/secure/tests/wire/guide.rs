//! A client of the simplest kind, as guides show it: it says what it sends and not what it takes,
//! never that it is initialized, and uses one id for every call. With a token it has to work.

use http::Request;
use secure_tests::System;
use serde_json::{Value, json};

struct Guide<'a> {
    system: &'a System,
    token: String,
    session: Option<String>,
}

impl Guide<'_> {
    async fn post(&mut self, body: Value) -> Value {
        let mut request = Request::post("/mcp")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        let reply = self
            .system
            .client
            .send(request.body(body.to_string()).unwrap())
            .await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("content-type")),
            (200, "application/json")
        );
        if self.session.is_none() {
            self.session = Some(reply.header("mcp-session-id").to_owned());
        }
        reply.json().await
    }

    async fn call(&mut self, name: &str, arguments: Value) -> Value {
        let params = json!({"name": name, "arguments": arguments});
        self.post(json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}))
            .await
    }
}

#[tokio::test]
async fn the_client_of_the_guide_works() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:write").await.access;
    let mut guide = Guide {
        system: &system,
        token,
        session: None,
    };
    let params = json!({
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "guide", "version": "1.0"},
    });
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
    let hello = guide.post(hello).await;
    assert_eq!(hello["result"]["protocolVersion"], "2025-06-18");
    assert!(
        guide
            .session
            .as_deref()
            .is_some_and(|session| session.len() >= 16)
    );
    let note = guide
        .call("notes_write", json!({"title": "Tea", "text": "hot"}))
        .await;
    assert_eq!(note["id"], 2);
    let id = note["result"]["structuredContent"]["id"].clone();
    let read = guide.call("notes_read", json!({"id": id})).await;
    assert_eq!(read["result"]["structuredContent"]["text"], "hot");
    let list = guide.call("notes_list", json!({})).await;
    assert_eq!(
        list["result"]["structuredContent"]["notes"][0]["title"],
        "Tea"
    );
    // What has to ask cannot ask such a client, and says so.
    guide.token = system.grant("ada", "admin").await.access;
    let purge = guide.call("notes_purge", json!({})).await;
    assert!(
        purge["error"].is_object() || purge["result"]["isError"] == true,
        "{purge}"
    );
    let count = guide.call("slow_count", json!({"to": 3, "pause": 0})).await;
    assert_eq!(count["result"]["content"][0]["text"], "Counted to 3.");
}
