//! A request, down to its bytes.

use crate::{MODERN, PREFIX};
use serde_json::{Value, json};

/// One HTTP request: a POST to `/mcp` unless said otherwise.
#[derive(Clone, Debug)]
pub struct Post {
    pub verb: String,
    pub path: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Post {
    /// A body with the headers that every client sends.
    pub fn raw(body: impl Into<Vec<u8>>) -> Self {
        let post = Self {
            verb: "POST".to_owned(),
            path: "/mcp".to_owned(),
            headers: Vec::new(),
            body: body.into(),
        };
        post.add("host", "localhost")
            .add("content-type", "application/json")
            .add("accept", "application/json, text/event-stream")
    }

    /// A message without the metadata of either era.
    pub fn message(message: &Value) -> Self {
        Self::raw(message.to_string())
    }

    /// A request of the session era, with id 1.
    pub fn legacy(method: &str, params: Value) -> Self {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        Self::message(&message)
    }

    /// A notification.
    pub fn notification(method: &str, params: Value) -> Self {
        Self::message(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    /// `initialize`.
    pub fn initialize(version: &str) -> Self {
        let client = json!({"name": "http-tests", "version": "1"});
        let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": client});
        Self::legacy("initialize", params)
    }

    /// A self-contained request with id 1 and every header that it needs.
    pub fn modern(method: &str, params: Value) -> Self {
        Self::modern_with(method, params, json!({}))
    }

    /// The same with further members of `_meta`.
    pub fn modern_with(method: &str, mut params: Value, meta: Value) -> Self {
        let mut all = json!({
            format!("{PREFIX}protocolVersion"): MODERN,
            format!("{PREFIX}clientCapabilities"): {},
        });
        for (key, value) in meta.as_object().unwrap() {
            all[key] = value.clone();
        }
        params["_meta"] = all;
        let name = match method {
            "tools/call" | "prompts/get" => params["name"].as_str(),
            "resources/read" => params["uri"].as_str(),
            _ => None,
        };
        let post = Self::legacy(method, params.clone())
            .add("mcp-protocol-version", MODERN)
            .add("mcp-method", method);
        match name {
            Some(name) => post.add("mcp-name", name),
            None => post,
        }
    }

    /// A call of a tool, self-contained.
    pub fn call(tool: &str, arguments: Value) -> Self {
        Self::modern("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// A call of a tool in a session.
    pub fn legacy_call(tool: &str, arguments: Value) -> Self {
        Self::legacy("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// Adds a header beside those of the same name.
    #[must_use]
    pub fn add(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn set(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).add(name, value)
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Names the session.
    #[must_use]
    pub fn session(self, id: &str) -> Self {
        self.set("mcp-session-id", id)
    }

    /// Another HTTP method, without a body unless it is a POST.
    #[must_use]
    pub fn verb(mut self, verb: &str) -> Self {
        verb.clone_into(&mut self.verb);
        if verb != "POST" {
            self.body.clear();
        }
        self
    }

    /// Another path.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Another JSON-RPC id.
    #[must_use]
    pub fn id(self, id: Value) -> Self {
        self.edit(|message| message["id"] = id)
    }

    /// Changes the message.
    #[must_use]
    pub fn edit(mut self, change: impl FnOnce(&mut Value)) -> Self {
        let mut message = serde_json::from_slice(&self.body).unwrap();
        change(&mut message);
        self.body = message.to_string().into_bytes();
        self
    }

    /// Changes `_meta`.
    #[must_use]
    pub fn meta(self, key: &str, value: Option<Value>) -> Self {
        let key = format!("{PREFIX}{key}");
        self.edit(|message| {
            let meta = message["params"]["_meta"].as_object_mut().unwrap();
            match value {
                Some(value) => meta.insert(key, value),
                None => meta.remove(&key),
            };
        })
    }

    /// The request as HTTP/1.1.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.verb, self.path).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", self.body.len()).as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The request for a service in this process.
    pub fn request(&self) -> http::Request<http_body_util::Full<bytes::Bytes>> {
        let mut request = http::Request::builder()
            .method(self.verb.as_str())
            .uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value.as_slice());
        }
        request.body(self.body.clone().into()).unwrap()
    }
}
