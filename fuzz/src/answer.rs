use bytes::Bytes;
use http::{HeaderMap, StatusCode, header, response::Parts};
use model_tests::events;
use serde_json::Value;

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn new(head: Parts, body: Bytes) -> Self {
        Self {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// The messages of the answer: one as JSON, some of a batch, any number of a stream.
    pub fn messages(&self) -> Vec<Value> {
        if self.body.is_empty() {
            return Vec::new();
        }
        if self.headers[header::CONTENT_TYPE] == "text/event-stream" {
            let text = std::str::from_utf8(&self.body).expect("events are text");
            let data = events(text).into_iter().map(|event| event.data);
            return data
                .filter(|data| !data.is_empty())
                .map(|data| serde_json::from_str(&data).expect("a message is JSON"))
                .collect();
        }
        match serde_json::from_slice(&self.body).expect("an answer is JSON") {
            Value::Array(messages) => messages,
            message => vec![message],
        }
    }

    /// The one message of the answer.
    pub fn message(&self) -> Value {
        let mut messages = self.messages();
        messages.pop().expect("a message")
    }

    /// Whether the last message is a result, and no error of a tool either.
    pub fn is_good(&self) -> bool {
        let message = self.messages().pop().unwrap_or_default();
        message.get("result").is_some() && message["result"]["isError"] != true
    }

    /// Panics when a client could not make sense of the answer.
    pub fn check(&self) {
        let status = self.status;
        assert!(!status.is_server_error(), "{self:?}");
        if self.body.is_empty() {
            assert!([202, 204].contains(&status.as_u16()), "{self:?}");
            return;
        }
        for message in self.messages() {
            assert_eq!(message["jsonrpc"], "2.0", "{self:?}");
            assert_ne!(message.get("id"), Some(&Value::Null), "{self:?}");
            let members = ["result", "error", "method"];
            let found = members
                .iter()
                .filter(|member| message.get(**member).is_some());
            assert_eq!(found.count(), 1, "{self:?}");
            assert!(
                status.is_success() || message.get("error").is_some(),
                "{self:?}"
            );
        }
    }
}
