//! MCP with a token, in both eras.

use crate::{Reply, System};
use http::{Request, StatusCode};
use serde_json::{Value, json};

/// Somebody with a token, or without.
#[derive(Clone, Debug)]
pub struct Mcp<'a> {
    system: &'a System,
    token: Option<String>,
    session: Option<String>,
}

/// Status and message.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub challenge: String,
    pub body: Value,
}

const PREFIX: &str = "io.modelcontextprotocol/";

impl System {
    pub fn mcp(&self, token: Option<&str>) -> Mcp<'_> {
        Mcp {
            system: self,
            token: token.map(str::to_owned),
            session: None,
        }
    }
}

impl Mcp<'_> {
    fn request(&self, method: &str) -> http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri("/mcp")
            .header("accept", "application/json, text/event-stream");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        request
    }

    pub async fn post(&self, message: &Value) -> Reply {
        self.post_text(message.to_string()).await
    }

    /// Posts whatever it is, as JSON.
    pub async fn post_text(&self, body: String) -> Reply {
        let request = self
            .request("POST")
            .header("content-type", "application/json");
        self.system.client.send(request.body(body).unwrap()).await
    }

    /// A request of the session, or one outside of any.
    pub async fn legacy(&self, id: u64, method: &str, params: Value) -> Reply {
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.post(&message).await
    }

    /// Opens a session.
    pub async fn initialize(&mut self) -> Reply {
        let params = json!({
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        });
        let reply = self.legacy(1, "initialize", params).await;
        let session = reply.header("mcp-session-id");
        self.session = (!session.is_empty()).then(|| session.to_owned());
        reply
    }

    /// The same session with another token.
    pub fn stolen(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// GET or DELETE, with further headers.
    pub async fn bare(&self, method: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self.request(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.system
            .client
            .send(request.body(String::new()).unwrap())
            .await
    }

    /// A self-contained request.
    pub async fn modern(&self, method: &str, name: Option<&str>, mut params: Value) -> Reply {
        params["_meta"] = meta(json!({}));
        self.self_contained(method, name, params).await
    }

    async fn self_contained(&self, method: &str, name: Option<&str>, params: Value) -> Reply {
        let mut request = self
            .request("POST")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method);
        if let Some(name) = name {
            request = request.header("mcp-name", name);
        }
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.system
            .client
            .send(request.body(message.to_string()).unwrap())
            .await
    }

    /// Calls a tool as a client that can be asked.
    pub async fn asking(&self, mut params: Value) -> Value {
        params["_meta"] = meta(json!({"elicitation": {"form": {}}}));
        let name = params["name"].as_str().unwrap().to_owned();
        self.self_contained("tools/call", Some(&name), params)
            .await
            .json()
            .await
    }

    /// Calls a tool that tells how far it is.
    pub async fn reporting(&self, tool: &str, mut params: Value) -> Reply {
        params["_meta"] = meta(json!({}));
        params["_meta"]["progressToken"] = json!("p");
        self.self_contained("tools/call", Some(tool), params).await
    }

    /// Calls a tool and waits for its answer.
    pub async fn call(&self, tool: &str, arguments: Value) -> Answer {
        let params = json!({"name": tool, "arguments": arguments});
        Answer::of(self.modern("tools/call", Some(tool), params).await).await
    }
}

fn meta(capabilities: Value) -> Value {
    json!({
        (format!("{PREFIX}protocolVersion")): "2026-07-28",
        (format!("{PREFIX}clientCapabilities")): capabilities,
    })
}

impl Answer {
    pub async fn of(reply: Reply) -> Self {
        Self {
            status: reply.status,
            challenge: reply.header("www-authenticate").to_owned(),
            body: reply.json().await,
        }
    }

    /// The structured content of a result.
    pub fn structured(&self) -> &Value {
        let content = &self.body["result"]["structuredContent"];
        assert!(content.is_object(), "{self:?}");
        content
    }
}
