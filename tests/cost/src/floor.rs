//! What the same answers cost without a framework: `hyper`, typed `serde`, and nothing checked.

use bytes::Bytes;
use http::{Request, Response, header};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use mcp_tower::McpService;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    collections::VecDeque,
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A service that answers one kind of request.
#[derive(Clone, Debug)]
pub enum Floor {
    /// Adds two integers.
    Call,
    /// Says what it is told, as text and as it is.
    Echo,
    /// Answers with bytes that are there already.
    List(Bytes),
    /// A handshake.
    Initialize,
    /// Ten notifications and an answer, one event each.
    Progress,
}

#[derive(Deserialize)]
struct Message<'a, P> {
    #[serde(borrow, rename = "jsonrpc")]
    _jsonrpc: &'a str,
    id: u64,
    #[serde(borrow, rename = "method")]
    _method: &'a str,
    params: P,
}

#[derive(Deserialize)]
struct Call<'a, A> {
    #[serde(borrow, rename = "name")]
    _name: &'a str,
    arguments: A,
    #[serde(borrow, default, rename = "_meta")]
    _meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    _version: Option<&'a str>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    _capabilities: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize)]
struct Echo<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow, rename = "_meta")]
    _meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Initialize<'a> {
    protocol_version: &'a str,
    #[serde(borrow, rename = "capabilities")]
    _capabilities: &'a RawValue,
    #[serde(borrow, rename = "clientInfo")]
    _client_info: &'a RawValue,
}

#[derive(Serialize)]
struct Answer<R> {
    jsonrpc: &'static str,
    id: u64,
    result: R,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result<'a, S> {
    content: [Text<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    structured_content: Option<S>,
    is_error: bool,
    result_type: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    r#type: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Initialized<'a> {
    protocol_version: &'a str,
    capabilities: serde_json::Map<String, serde_json::Value>,
    server_info: Named,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
    version: &'static str,
}

impl Floor {
    /// The list of our server's tools.
    pub(crate) fn list(service: &McpService) -> Self {
        let request = http_tests::Post::modern("tools/list", serde_json::json!({})).bytes();
        let scenario = crate::Scenario {
            request,
            ending: crate::Ending::Object,
            floor: Self::List(Bytes::new()),
        };
        let answer = scenario.ours(service, 1).last;
        let body = answer.windows(4).position(|end| end == b"\r\n\r\n");
        let body = Bytes::from(answer).slice(body.unwrap_or_default() + 4..);
        Self::List(body)
    }

    fn answer(&self, body: &Bytes) -> Reply {
        match self {
            Self::Call => {
                let message: Message<'_, Call<'_, Add>> = read(body);
                let Add { a, b } = message.params.arguments;
                let sum = a + b;
                let text = sum.to_string();
                json(message.id, result(&text, Some(sum)))
            }
            Self::Echo => {
                let message: Message<'_, Call<'_, Echo<'_>>> = read(body);
                let text = message.params.arguments.text;
                json(message.id, result(&text, None::<()>))
            }
            Self::List(list) => {
                let _: Message<'_, List<'_>> = read(body);
                reply("application/json", VecDeque::from([list.clone()]))
            }
            Self::Initialize => {
                let message: Message<'_, Initialize<'_>> = read(body);
                json(
                    message.id,
                    Initialized {
                        protocol_version: message.params.protocol_version,
                        capabilities: serde_json::Map::new(),
                        server_info: Named {
                            name: "cost",
                            version: "1.0",
                        },
                    },
                )
            }
            Self::Progress => {
                let message: Message<'_, Call<'_, serde::de::IgnoredAny>> = read(body);
                let mut events: VecDeque<Bytes> = (1..=10).map(progress).collect();
                let mut event = b"event: message\ndata: ".to_vec();
                event.extend(to_json(message.id, result("done", None::<()>)));
                event.extend(b"\n\n");
                events.push_back(event.into());
                reply("text/event-stream", events)
            }
        }
    }
}

fn progress(step: u32) -> Bytes {
    #[derive(Serialize)]
    struct Notification {
        jsonrpc: &'static str,
        method: &'static str,
        params: Progress,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Progress {
        progress_token: u32,
        progress: f64,
        total: f64,
    }
    let mut event = b"event: message\ndata: ".to_vec();
    let notification = Notification {
        jsonrpc: "2.0",
        method: "notifications/progress",
        params: Progress {
            progress_token: 1,
            progress: f64::from(step),
            total: 10.0,
        },
    };
    let written = serde_json::to_writer(&mut event, &notification);
    debug_assert!(written.is_ok());
    event.extend(b"\n\n");
    event.into()
}

fn result<S>(text: &str, structured_content: Option<S>) -> Result<'_, S> {
    Result {
        content: [Text {
            r#type: "text",
            text,
        }],
        structured_content,
        is_error: false,
        result_type: "complete",
    }
}

#[expect(clippy::unwrap_used, reason = "a measurement that fails panics")]
fn read<'a, T: Deserialize<'a>>(body: &'a Bytes) -> T {
    serde_json::from_slice(body).unwrap()
}

#[expect(clippy::unwrap_used, reason = "a measurement that fails panics")]
fn to_json(id: u64, result: impl Serialize) -> Vec<u8> {
    let jsonrpc = "2.0";
    serde_json::to_vec(&Answer {
        jsonrpc,
        id,
        result,
    })
    .unwrap()
}

fn json(id: u64, result: impl Serialize) -> Reply {
    let body = Bytes::from(to_json(id, result));
    reply("application/json", VecDeque::from([body]))
}

type Reply = Response<Frames>;

fn reply(kind: &'static str, frames: VecDeque<Bytes>) -> Reply {
    let mut reply = Response::new(Frames(frames));
    let kind = header::HeaderValue::from_static(kind);
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

/// A body in pieces that are all there.
#[derive(Debug)]
pub struct Frames(VecDeque<Bytes>);

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match self.0.len() {
            1 => http_body::SizeHint::with_exact(self.0[0].len() as u64),
            _ => http_body::SizeHint::default(),
        }
    }
}

impl hyper::service::Service<Request<Incoming>> for Floor {
    type Response = Reply;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = hyper::Result<Reply>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let floor = self.clone();
        Box::pin(async move {
            let body = request.into_body().collect().await?.to_bytes();
            Ok(floor.answer(&body))
        })
    }
}
