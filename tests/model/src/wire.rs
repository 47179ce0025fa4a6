use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use http_body_util::Full;
use mcp_tower::Principal;
use serde_json::{Value, json};

pub const MODERN: &str = "2026-07-28";
const PREFIX: &str = "io.modelcontextprotocol/";

/// A request that may be none: what cannot stand on the wire is not sent.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    pub caller: Option<&'a str>,
    pub verb: &'a str,
    pub headers: Vec<(&'a str, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl<'a> Ask<'a> {
    /// A body with the headers that every client sends.
    pub fn post(body: impl Into<Vec<u8>>) -> Self {
        Self {
            caller: None,
            verb: "POST",
            headers: Vec::new(),
            body: body.into(),
        }
        .add("host", "localhost")
        .add("content-type", "application/json")
        .add("accept", "application/json, text/event-stream")
    }

    /// Any message.
    pub fn message(message: &Value) -> Self {
        Self::post(message.to_string())
    }

    /// A request of a session.
    pub fn legacy(id: u8, method: &str, params: Value) -> Self {
        Self::message(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
    }

    /// `initialize`, by a client that answers questions.
    pub fn initialize(version: &str) -> Self {
        Self::legacy(
            1,
            "initialize",
            json!({
                "protocolVersion": version,
                "capabilities": {"elicitation": {}},
                "clientInfo": {"name": "model", "version": "1"},
            }),
        )
    }

    /// A self-contained request with every header that it needs, which wants all details.
    pub fn modern(method: &'a str, mut params: Value) -> Self {
        params["_meta"] = json!({
            format!("{PREFIX}protocolVersion"): MODERN,
            format!("{PREFIX}clientCapabilities"): {"elicitation": {}},
            format!("{PREFIX}logLevel"): "debug",
        });
        let name = params["name"].as_str().map(str::to_owned);
        let ask = Self::legacy(1, method, params)
            .add("mcp-protocol-version", MODERN)
            .add("mcp-method", method);
        match name {
            Some(name) => ask.add("mcp-name", name),
            None => ask,
        }
    }

    /// Another HTTP method, without a body.
    pub fn bare(verb: &'a str) -> Self {
        Self {
            verb,
            ..Self::post("")
        }
    }

    #[must_use]
    pub fn by(mut self, caller: &'a str) -> Self {
        self.caller = Some(caller);
        self
    }

    /// Names the session.
    #[must_use]
    pub fn session(self, id: &str) -> Self {
        self.add("mcp-session-id", id)
    }

    /// Adds a header beside those of the same name.
    #[must_use]
    pub fn add(mut self, name: &'a str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name, value.as_ref().to_vec()));
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// The values of a header.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = self.headers.iter().filter(|(known, _)| *known == name);
        named.map(|(_, value)| value.as_slice()).collect()
    }

    /// The request, if it can be one.
    pub fn request(&self) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(self.verb).uri("/mcp");
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(*name).ok()?;
            request = request.header(name, HeaderValue::from_bytes(value).ok()?);
        }
        if let Some(caller) = self.caller {
            request = request.extension(Principal::new("https://login.example.com", caller));
        }
        request.body(self.body.clone().into()).ok()
    }
}

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub id: Option<String>,
    pub data: String,
}

/// Whole events; comments and bare delays are left out.
pub fn events(text: &str) -> Vec<Event> {
    assert!(
        text.is_empty() || text.ends_with("\n\n"),
        "half an event: {text:?}"
    );
    let mut events = Vec::new();
    for block in text.split("\n\n") {
        let mut event = Event::default();
        let mut said = false;
        for line in block.lines() {
            match line.split_once(": ").unwrap_or((line, "")) {
                ("id", id) => event.id = Some(id.to_owned()),
                ("data", data) => {
                    assert!(!said, "two lines of data: {block:?}");
                    said = true;
                    data.clone_into(&mut event.data);
                }
                ("retry" | "event" | "" | ":", _) => {}
                other => panic!("a line that is none: {other:?}"),
            }
        }
        if said {
            events.push(event);
        }
    }
    events
}
