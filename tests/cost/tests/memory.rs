//! What is kept for sessions and streams, byte by byte.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use bytes::Bytes;
use cost_tests::{Ending, Wire, service};
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use http_tests::Post;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::service::TowerToHyperService;
use mcp_tower::McpService;
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// Nothing here waits, except that sessions with rows are swept by a task.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

async fn answer(service: &McpService, post: &Post) -> http::HeaderMap {
    let reply = service.clone().oneshot(post.request()).await.unwrap();
    assert!(reply.status().is_success(), "{}", reply.status());
    let (parts, body) = reply.into_parts();
    body.collect().await.unwrap();
    parts.headers
}

async fn open(service: &McpService) -> String {
    let headers = answer(service, &Post::initialize("2025-11-25")).await;
    headers["mcp-session-id"].to_str().unwrap().to_owned()
}

/// What one of so many costs for good.
fn each(times: i64, mut once: impl FnMut()) -> i64 {
    let measured = allocation_counter::measure(|| (0..times).for_each(|_| once()));
    measured.bytes_current / times
}

#[test]
fn an_abandoned_session_keeps_nothing_and_a_row_little() {
    let runtime = runtime();
    let service = service(3);
    let level = serde_json::json!({"level": "debug"});
    let with_row = || {
        runtime.block_on(async {
            let session = open(&service).await;
            let set = Post::legacy("logging/setLevel", level.clone());
            answer(&service, &set.session(&session)).await;
        });
    };
    // What is made once.
    with_row();
    let abandoned = each(1000, || drop(runtime.block_on(open(&service))));
    assert_eq!(abandoned, 0);
    let row = each(5000, with_row);
    println!("a session with a row: {row} bytes");
    assert!((100..=512).contains(&row), "{row} bytes");
}

/// Connections whose one request is answered by a stream that stays open.
fn streams<S, B>(requests: Vec<Vec<u8>>, service: S) -> i64
where
    S: hyper::service::Service<Request<Incoming>, Response = Response<B>> + Clone,
    S::Error: std::error::Error + Send + Sync + 'static,
    B: Body<Data = Bytes> + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let times = i64::try_from(requests.len()).unwrap();
    let mut requests = requests.into_iter();
    let mut open = Vec::with_capacity(requests.len());
    each(times, || {
        let (wire, _) = Wire::new(requests.next().unwrap().into(), Ending::Never, 1);
        let mut connection =
            Box::pin(http1::Builder::new().serve_connection(wire, service.clone()));
        for _ in 0..3 {
            let polled = connection
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending());
        }
        open.push(connection);
    })
}

#[test]
fn an_open_stream_keeps_little_beside_its_connection() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let bare = service_fn(|_: Request<Incoming>| async {
        let event = Bytes::from_static(b"id: 0\ndata: \n\n");
        let reply = Response::builder().header("content-type", "text/event-stream");
        Ok::<_, Infallible>(reply.body(OneEvent(Some(event))).unwrap())
    });
    let get = |session: &str| {
        let get = Post::raw("").verb("GET").session(session);
        get.set("accept", "text/event-stream").bytes()
    };
    let bare = streams((0..500).map(|_| get("none")).collect(), bare);
    let service = service(3);
    let session = |_| runtime.block_on(open(&service));
    let requests: Vec<_> = (0..501).map(session).map(|session| get(&session)).collect();
    let mut requests = requests.into_iter();
    let service = TowerToHyperService::new(service.clone());
    streams(requests.by_ref().take(1).collect(), service.clone());
    let ours = streams(requests.collect(), service);
    println!("a stream of a session: {ours} bytes, a bare one: {bare} bytes");
    assert!(ours > bare);
    assert!(ours * 10 <= bare * 12, "{ours} bytes over {bare}");
}

/// One event, and then nothing for ever.
struct OneEvent(Option<Bytes>);

impl Body for OneEvent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.0.take() {
            Some(event) => Poll::Ready(Some(Ok(Frame::data(event)))),
            None => Poll::Pending,
        }
    }
}
