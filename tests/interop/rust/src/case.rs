//! One scenario over one transport in one revision, and what a person would be behind a client.

use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::{
    process::Command,
    sync::{Mutex, mpsc},
};

pub(crate) const REVISIONS: [&str; 5] = [
    "2024-11-05",
    "2025-03-26",
    "2025-06-18",
    "2025-11-25",
    MODERN,
];
pub(crate) const MODERN: &str = "2026-07-28";

pub(crate) struct Case {
    pub(crate) client: &'static str,
    pub(crate) transport: String,
    pub(crate) revision: &'static str,
    /// Finds out what the server speaks, if it can, instead of knowing it.
    pub(crate) asking: bool,
    /// A URL, or the words of a command.
    target: Vec<String>,
}

impl Case {
    pub(crate) fn new(
        client: &'static str,
        way: &Value,
        transport: &str,
        revision: &'static str,
        scenario: &str,
    ) -> Self {
        let label = format!("{client}/{transport}/{revision}/{scenario}");
        let labelled = |part: &Value| part.as_str().unwrap_or_default().replace("LABEL", &label);
        let target = match way {
            Value::Array(words) => words.iter().map(labelled).collect(),
            url => vec![labelled(url)],
        };
        let asking = scenario == "negotiate";
        Self {
            client,
            transport: transport.to_owned(),
            revision,
            asking,
            target,
        }
    }

    pub(crate) fn modern(&self) -> bool {
        self.revision == MODERN
    }

    /// Where the server is found, over HTTP.
    pub(crate) fn url(&self) -> &str {
        &self.target[0]
    }

    /// The command that starts the server, where the transport is its standard input and output.
    pub(crate) fn command(&self) -> Option<Command> {
        (self.transport == "stdio").then(|| {
            let mut command = Command::new(&self.target[0]);
            command.args(&self.target[1..]);
            command
        })
    }
}

/// What a client was told.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    Progress(f64, Option<f64>),
    Log(Value),
    ToolsChanged,
    Updated(String),
}

/// Has answers, and remembers what was heard.
#[derive(Clone)]
pub(crate) struct Peer {
    send: mpsc::UnboundedSender<Heard>,
    heard: Arc<Mutex<mpsc::UnboundedReceiver<Heard>>>,
}

impl Default for Peer {
    fn default() -> Self {
        let (send, heard) = mpsc::unbounded_channel();
        Self {
            send,
            heard: Arc::new(Mutex::new(heard)),
        }
    }
}

impl Peer {
    pub(crate) fn hear(&self, what: Heard) {
        // Nobody may be listening any more.
        let _ = self.send.send(what);
    }

    /// What is heard next; the caller bounds the wait.
    pub(crate) async fn next(&self) -> Heard {
        let mut heard = self.heard.lock().await;
        heard.recv().await.expect("this peer holds a sender itself")
    }

    /// `ElicitResult`, for the properties that a form asks for.
    pub(crate) fn fill(&self, schema: &Value) -> Value {
        let answers = json!({"username": "testuser", "email": "test@example.com", "name": "Ada"});
        let wanted = schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let content: Map<_, _> = wanted
            .keys()
            .map(|key| (key.clone(), answers[key].clone()))
            .collect();
        json!({"action": "accept", "content": content})
    }

    /// `CreateMessageResult`.
    pub(crate) fn sample(&self) -> Value {
        json!({
            "role": "assistant", "model": "none", "stopReason": "endTurn",
            "content": {"type": "text", "text": "Paris, says the client"},
        })
    }
}
