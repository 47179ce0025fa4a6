use crate::wire::{Event, events};
use bytes::Bytes;
use http::{Request, header};
use http_body::Body as _;
use http_body_util::Full;
use mcp_tower::{Body, McpService};
use serde_json::Value;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tower::ServiceExt;

type Answering = Pin<Box<dyn Future<Output = http::Response<Body>>>>;

/// A connection of a client, and what was heard on it.
pub(crate) struct Connection {
    state: State,
    /// Its status, once there is one.
    pub(crate) status: Option<u16>,
    pub(crate) is_stream: bool,
    text: String,
    pub(crate) heard: Vec<Heard>,
}

enum State {
    Waiting(Answering),
    Reading(Pin<Box<Body>>),
    Over,
}

/// An event, or the whole of an answer that is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) id: Option<String>,
    pub(crate) message: Option<Value>,
}

impl Connection {
    pub(crate) fn new(service: &McpService, request: Request<Full<Bytes>>) -> Self {
        let service = service.clone();
        let answering = async move {
            let Ok(response) = service.oneshot(request).await;
            response
        };
        Self {
            state: State::Waiting(Box::pin(answering)),
            status: None,
            is_stream: false,
            text: String::new(),
            heard: Vec::new(),
        }
    }

    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting(_))
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// The client goes away.
    pub(crate) fn cut(&mut self) {
        self.state = State::Over;
    }

    /// The messages that were heard.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Value> {
        self.heard.iter().filter_map(|heard| heard.message.as_ref())
    }

    /// Whether anything has happened.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.state {
            State::Over => false,
            State::Waiting(answering) => {
                let Poll::Ready(response) = answering.as_mut().poll(cx) else {
                    return false;
                };
                let (head, body) = response.into_parts();
                self.status = Some(head.status.as_u16());
                let content = head.headers.get(header::CONTENT_TYPE);
                self.is_stream = content.is_some_and(|value| value == "text/event-stream");
                self.state = State::Reading(Box::pin(body));
                true
            }
            State::Reading(body) => {
                let Poll::Ready(frame) = body.as_mut().poll_frame(cx) else {
                    return false;
                };
                match frame {
                    Some(frame) => {
                        let data = frame.unwrap().into_data().unwrap_or_default();
                        self.text.push_str(std::str::from_utf8(&data).unwrap());
                    }
                    None => self.state = State::Over,
                }
                self.read();
                true
            }
        }
    }

    /// Takes what was read so far.
    fn read(&mut self) {
        let parse = |text: &str| serde_json::from_str(text).expect("a message is JSON");
        if self.is_stream {
            // A piece has whole events.
            let text = std::mem::take(&mut self.text);
            self.heard
                .extend(events(&text).into_iter().map(|Event { id, data }| Heard {
                    id,
                    message: (!data.is_empty()).then(|| parse(&data)),
                }));
        } else if self.is_over() && !self.text.is_empty() {
            let message = Some(parse(&std::mem::take(&mut self.text)));
            self.heard.push(Heard { id: None, message });
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("status", &self.status)
            .field("is_waiting", &self.is_waiting())
            .field("is_over", &self.is_over())
            .field("heard", &self.heard)
            .finish_non_exhaustive()
    }
}
