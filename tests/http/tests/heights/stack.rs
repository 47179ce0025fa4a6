//! One layer at one of three heights, in this process and under a clock that a test turns: what a
//! layer does is decided by no socket.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use http_tests::Post;
use mcp_tower::{
    Context, LogLevel, McpService, Server, State,
    core::{BoxError, Request, Response, Route, ServerBuilder},
    mcp_tool,
};
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tower::{Layer, Service, ServiceExt, util::BoxCloneSyncService};

/// Where a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Height {
    Http,
    Requests,
    Operation,
}

/// How the tool answers, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The tool speaks first, so that its answer is a stream.
    pub(crate) streams: bool,
    pub(crate) legacy: bool,
}

/// Every height, with every shape.
pub(crate) fn all() -> impl Iterator<Item = (Height, Shape)> {
    let heights = [Height::Http, Height::Requests, Height::Operation];
    let shapes = [(false, false), (false, true), (true, false), (true, true)];
    heights
        .into_iter()
        .flat_map(move |height| shapes.map(|(streams, legacy)| (height, Shape { streams, legacy })))
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delivery = if self.streams { "SSE" } else { "JSON" };
        let era = if self.legacy { "legacy" } else { "modern" };
        write!(f, "{delivery}, {era}")
    }
}

pub(crate) type HttpRequest = http::Request<Full<Bytes>>;
pub(crate) type HttpBody = UnsyncBoxBody<Bytes, BoxError>;
pub(crate) type HttpResponse = http::Response<HttpBody>;
/// A whole application.
pub(crate) type Stack = BoxCloneSyncService<HttpRequest, HttpResponse, BoxError>;

/// What the tool does between its first word and its answer, and what is seen of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    pub(crate) lasts: Duration,
    pub(crate) answer: String,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    finished: Arc<AtomicUsize>,
}

impl Work {
    pub(crate) fn new(lasts: Duration) -> Self {
        Self {
            lasts,
            answer: "done".to_owned(),
            ..Self::default()
        }
    }

    /// How many calls ran at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// How many calls run now.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// How many calls ran to their end.
    pub(crate) fn finished(&self) -> usize {
        self.finished.load(Ordering::SeqCst)
    }
}

/// Counts while it lives.
struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Work, and speak first when told so.
#[mcp_tool]
async fn work(streams: bool, cx: Context, State(work): State<Work>) -> String {
    let running = work.running.fetch_add(1, Ordering::SeqCst) + 1;
    let _running = Running(work.running.clone());
    work.most.fetch_max(running, Ordering::SeqCst);
    tracing::info!(target: "heights", "before");
    if streams {
        cx.log(LogLevel::Error, "working").await;
    }
    tokio::time::sleep(work.lasts).await;
    tracing::info!(target: "heights", "after");
    work.finished.fetch_add(1, Ordering::SeqCst);
    work.answer.clone()
}

/// The application without a layer.
pub(crate) fn bare(work: &Work) -> Stack {
    mount(builder(work).tool(self::work).build())
}

/// The application with a layer at one of the inner heights.
pub(crate) fn inside<L>(height: Height, work: &Work, layer: L) -> Stack
where
    L: Layer<Route> + Send + 'static,
    L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
    <L::Service as Service<Request>>::Error: Into<BoxError>,
    <L::Service as Service<Request>>::Future: Send + 'static,
{
    let builder = builder(work);
    let builder = match height {
        Height::Http => panic!("outside of the server"),
        Height::Requests => builder.tool(self::work).layer(layer),
        Height::Operation => builder.tool_with(self::work, layer),
    };
    mount(builder.build())
}

/// The application with a layer around HTTP, whose errors and bodies may be any.
pub(crate) fn outside<L, B>(work: &Work, layer: L) -> Stack
where
    L: Layer<Stack>,
    L::Service: Service<HttpRequest, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    <L::Service as Service<HttpRequest>>::Error: Into<BoxError>,
    <L::Service as Service<HttpRequest>>::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let layered = layer.layer(bare(work)).map_err(Into::into);
    BoxCloneSyncService::new(layered.map_response(boxed))
}

fn builder(work: &Work) -> ServerBuilder<Work> {
    Server::builder("heights", "1").state(work.clone())
}

fn mount(server: Server) -> Stack {
    let service = McpService::new(server);
    let service = ServiceExt::<HttpRequest>::map_response(service, boxed);
    let never = |never: Infallible| match never {};
    BoxCloneSyncService::new(ServiceExt::<HttpRequest>::map_err(service, never))
}

fn boxed<B>(response: http::Response<B>) -> HttpResponse
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    response.map(|body| body.map_err(Into::into).boxed_unsync())
}

/// Calls of the tool, prepared: a legacy one has its session already.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    stack: Stack,
    post: Post,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) is_stream: bool,
    /// The JSON-RPC message; none when the body broke before it.
    pub(crate) message: Option<Value>,
}

impl Caller {
    pub(crate) async fn new(stack: &Stack, shape: Shape) -> Self {
        let arguments = json!({"streams": shape.streams});
        let params = json!({"name": "work", "arguments": arguments});
        let post = if shape.legacy {
            let post = Post::initialize("2025-11-25");
            let reply = send(stack, &post).await.unwrap();
            let session = reply.headers().get("mcp-session-id").unwrap();
            let session = session.to_str().unwrap().to_owned();
            finish(reply).await;
            Post::legacy("tools/call", params).session(&session)
        } else {
            let meta = json!({"io.modelcontextprotocol/logLevel": "error"});
            Post::modern_with("tools/call", params, meta)
        };
        Self {
            stack: stack.clone(),
            post,
        }
    }

    /// The head of a response, or the error of a layer around HTTP.
    pub(crate) async fn head(&self) -> Result<HttpResponse, BoxError> {
        send(&self.stack, &self.post).await
    }

    /// A whole response.
    pub(crate) async fn call(&self) -> Answer {
        finish(self.head().await.unwrap()).await
    }

    /// Several calls at once, all to their end.
    pub(crate) async fn call_at_once(&self, calls: usize) {
        let calls: Vec<_> = (0..calls)
            .map(|_| {
                let caller = self.clone();
                tokio::spawn(async move { caller.call().await })
            })
            .collect();
        for call in calls {
            let answer = call.await.unwrap();
            assert_eq!(answer.text(), "done", "{answer:?}");
        }
    }
}

impl Answer {
    /// The text of a tool's result.
    pub(crate) fn text(&self) -> &str {
        let message = self.message.as_ref().expect("there is an answer");
        let text = message["result"]["content"][0]["text"].as_str();
        text.unwrap_or_else(|| panic!("no text in {message}"))
    }

    /// The result is an error that the model sees.
    pub(crate) fn is_tool_error(&self) -> bool {
        let message = self.message.as_ref().expect("there is an answer");
        message["result"]["isError"] == true
    }
}

fn send(
    stack: &Stack,
    post: &Post,
) -> impl Future<Output = Result<HttpResponse, BoxError>> + use<> {
    stack.clone().oneshot(post.request())
}

/// Reads a response to its end.
pub(crate) async fn finish(response: HttpResponse) -> Answer {
    let (parts, mut body) = response.into_parts();
    let kind = parts.headers.get("content-type");
    let is_stream = kind.is_some_and(|kind| kind == "text/event-stream");
    let mut text = String::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            text.push_str(std::str::from_utf8(&data).unwrap());
        }
    }
    let message = if is_stream {
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let data = data.filter(|data| !data.is_empty());
        let messages = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
        messages.rev().find(|message| message.get("id").is_some())
    } else {
        serde_json::from_str(&text).ok()
    };
    Answer {
        status: parts.status.as_u16(),
        is_stream,
        message,
    }
}
