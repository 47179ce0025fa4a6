//! What a server asks its client, and what the client answers.

use mcp_core::protocol::ErrorCode;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

const ELICIT: &str = "elicitation/create";
const SAMPLE: &str = "sampling/createMessage";
const ROOTS: &str = "roots/list";

/// Something that the server has asked: a request on the stream of a call in a session, an input
/// request in 2026-07-28.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Asked {
    /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub method: String,
    /// The parameters.
    pub params: Value,
}

impl Asked {
    /// What the user is told: the `message` of a form or a link. Empty where there is none.
    pub fn message(&self) -> &str {
        self.params["message"].as_str().unwrap_or_default()
    }

    /// The link that the user is to open, when that is asked.
    pub fn url(&self) -> Option<&str> {
        self.params["url"].as_str()
    }

    /// The schema of the form that the user is to fill in; null for anything else.
    pub fn schema(&self) -> &Value {
        &self.params["requestedSchema"]
    }

    /// All text that the client's model is sent, one line for each message. Empty for anything
    /// else.
    pub fn prompt(&self) -> String {
        let messages = self.params["messages"].as_array();
        let texts = messages.into_iter().flatten();
        let texts: Vec<_> = texts
            .filter_map(|message| message["content"]["text"].as_str())
            .collect();
        texts.join("\n")
    }
}

/// What the client answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Result(Value),
    Error(i64, String),
    Never,
}

/// What is sent for a reply.
pub(super) enum Sent {
    Result(Value),
    Error(Value),
    Nothing,
}

impl Reply {
    /// The user fills in the form.
    ///
    /// # Panics
    /// When the content does not serialize.
    #[track_caller]
    pub fn accept(content: impl Serialize) -> Self {
        let content = serde_json::to_value(content).expect("an answer has to serialize");
        Self::result(json!({"action": "accept", "content": content}))
    }

    /// The user agrees to open the link.
    pub fn agree() -> Self {
        Self::result(json!({"action": "accept"}))
    }

    /// The user says no.
    pub fn decline() -> Self {
        Self::result(json!({"action": "decline"}))
    }

    /// The user closes the question.
    pub fn cancel() -> Self {
        Self::result(json!({"action": "cancel"}))
    }

    /// The client's model says something.
    pub fn text(text: impl Into<String>) -> Self {
        let content = json!({"type": "text", "text": text.into()});
        Self::result(json!({
            "role": "assistant", "content": content, "model": "test", "stopReason": "endTurn",
        }))
    }

    /// Any result, right or wrong.
    pub fn result(result: Value) -> Self {
        Self(Kind::Result(result))
    }

    /// An error: in sessions alone, since an input request of 2026-07-28 has no such answer.
    pub fn error(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Kind::Error(code.0, message.into()))
    }

    /// Nobody answers: the call waits until it is cancelled or the test goes away. For calls that
    /// are [started](super::Call::start).
    pub fn never() -> Self {
        Self(Kind::Never)
    }

    pub(super) fn into_sent(self) -> Sent {
        match self.0 {
            Kind::Result(result) => Sent::Result(result),
            Kind::Error(code, message) => Sent::Error(json!({"code": code, "message": message})),
            Kind::Never => Sent::Nothing,
        }
    }
}

type Answerer = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// Everything a client has an answer for.
#[derive(Clone, Default)]
pub(super) struct Answers {
    /// Comes first, in order.
    script: Option<Arc<Mutex<VecDeque<Reply>>>>,
    elicitation: Option<Answerer>,
    sampling: Option<Answerer>,
    roots: Option<Value>,
}

impl Answers {
    pub(super) fn set_script(&mut self, replies: VecDeque<Reply>) {
        self.script = Some(Arc::new(Mutex::new(replies)));
    }

    pub(super) fn set_elicitation(&mut self, answerer: Answerer) {
        self.elicitation = Some(answerer);
    }

    pub(super) fn set_sampling(&mut self, answerer: Answerer) {
        self.sampling = Some(answerer);
    }

    pub(super) fn set_roots(&mut self, uris: impl Iterator<Item = String>) {
        let roots: Vec<_> = uris.map(|uri| json!({"uri": uri})).collect();
        self.roots = Some(json!({"roots": roots}));
    }

    /// What the client declares, so that it is asked.
    pub(super) fn capabilities(&self) -> Map<String, Value> {
        let mut declared = Map::new();
        if self.elicitation.is_some() || self.script.is_some() {
            declared.insert("elicitation".to_owned(), json!({"form": {}, "url": {}}));
        }
        if self.sampling.is_some() || self.script.is_some() {
            declared.insert("sampling".to_owned(), json!({"tools": {}, "context": {}}));
        }
        if self.roots.is_some() {
            declared.insert("roots".to_owned(), json!({}));
        }
        declared
    }

    /// The answer to a question.
    ///
    /// # Errors
    /// What the test has to do, when there is none.
    pub(super) fn to(&self, asked: &Asked) -> Result<Reply, String> {
        if let (ROOTS, Some(roots)) = (asked.method.as_str(), &self.roots) {
            return Ok(Reply::result(roots.clone()));
        }
        let scripted = self.script.as_ref().and_then(|script| {
            let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
            script.pop_front()
        });
        if let Some(reply) = scripted {
            return Ok(reply);
        }
        let (answerer, advice) = match asked.method.as_str() {
            ELICIT => (&self.elicitation, "`TestClient::on_elicitation`"),
            SAMPLE => (&self.sampling, "`TestClient::on_sampling`"),
            ROOTS => (&None, "`TestClient::roots`"),
            _ => (&None, "`TestClient::answers`"),
        };
        match (answerer, &self.script) {
            (Some(answerer), _) => Ok(answerer(asked)),
            (None, Some(_)) => Err(format!(
                "the server has asked `{}`, and all answers of the script are used: {}",
                asked.method, asked.params
            )),
            (None, None) => Err(format!(
                "the server has asked `{}`, for which the client has no answer: give it one with \
                 {advice}. It was asked: {}",
                asked.method, asked.params
            )),
        }
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}
