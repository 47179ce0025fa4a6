//! Tables of requests and what becomes of them.

use crate::{Client, Post, Reply, Running, all};
use mcp_tower::McpService;
use serde_json::{Value, json};
use tower::ServiceExt;

/// A request and what must become of it.
#[derive(Clone, Debug)]
pub struct Case {
    what: String,
    post: Post,
    status: u16,
    code: Option<i64>,
    id: Option<Value>,
    empty: bool,
    headers: Vec<(&'static str, &'static str)>,
}

impl Case {
    /// Served: 200 with a result for id 1.
    pub fn served(what: impl Into<String>, post: Post) -> Self {
        Self {
            what: what.into(),
            post,
            status: 200,
            code: None,
            id: Some(json!(1)),
            empty: false,
            headers: Vec::new(),
        }
    }

    /// Refused with a JSON-RPC error for id 1.
    pub fn refused(what: impl Into<String>, post: Post, status: u16, code: i64) -> Self {
        Self {
            status,
            code: Some(code),
            ..Self::served(what, post)
        }
    }

    /// A status without a body.
    pub fn empty(what: impl Into<String>, post: Post, status: u16) -> Self {
        Self {
            status,
            empty: true,
            id: None,
            ..Self::served(what, post)
        }
    }

    /// The answer has another id.
    #[must_use]
    pub fn id(mut self, id: Value) -> Self {
        self.id = Some(id);
        self
    }

    /// The answer has no id at all.
    #[must_use]
    pub fn no_id(mut self) -> Self {
        self.id = None;
        self
    }

    /// The answer has a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    fn verify(&self, mount: &str, reply: &Reply) {
        let context = format!("{mount}: {}: {:?}", self.what, reply);
        assert_eq!(reply.status, self.status, "{context}");
        for (name, value) in &self.headers {
            assert_eq!(reply.header(name), *value, "{context}");
        }
        if self.empty {
            assert!(reply.body.is_empty(), "{context}");
            return;
        }
        let message = reply.message();
        assert_eq!(message["jsonrpc"], "2.0", "{context}");
        // `null` is no id: an unknown one is left out.
        assert_eq!(message.get("id"), self.id.as_ref(), "{context}");
        match self.code {
            Some(code) => {
                assert_eq!(message["error"]["code"], code, "{context}");
                assert!(message["error"]["message"].is_string(), "{context}");
                assert!(message.get("result").is_none(), "{context}");
            }
            None => assert!(message["result"].is_object(), "{context}"),
        }
    }
}

/// Runs a table over every mount of a service.
pub async fn check(service: &McpService, cases: &[Case]) {
    for running in all(service).await {
        check_on(&running, cases).await;
    }
}

/// Runs a table over one mount, on one connection. After each case the connection must still serve
/// the next request, unless the server has said that it closes it.
pub async fn check_on(running: &Running, cases: &[Case]) {
    let mut client = Client::connect(running.address).await;
    for case in cases {
        let reply = client.send(&case.post).await;
        case.verify(running.name, &reply);
        let closes = reply.headers.get("connection");
        if closes.is_some_and(|value| value == "close") {
            client = Client::connect(running.address).await;
            continue;
        }
        let next = client
            .send(&Post::call("add", json!({"a": 2, "b": 3})))
            .await;
        assert_eq!(next.text(), "5", "{}: after {}", running.name, case.what);
    }
}

/// Opens a session of a revision, which every mount of the service then knows.
pub async fn open(service: &McpService, version: &str) -> String {
    let request = Post::initialize(version).request();
    let reply = service.clone().oneshot(request).await.unwrap();
    let id = reply.headers().get("mcp-session-id");
    id.expect("no session was opened")
        .to_str()
        .unwrap()
        .to_owned()
}
