//! Every height × kind of layer × JSON or SSE × era: what the layer does there.

use crate::stack::{Caller, Height, HttpResponse, Work, all, bare, inside, outside};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full, Limited};
use mcp_tower::{
    ToolResult,
    core::{BoxError, Payload, Response},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{self, Poll},
    time::Duration,
};
use tokio::time::Instant;
use tower::{
    Service,
    buffer::BufferLayer,
    layer::layer_fn,
    limit::{ConcurrencyLimitLayer, RateLimitLayer},
    load_shed::LoadShedLayer,
    timeout::TimeoutLayer,
    util::{MapResponseLayer, MapResultLayer},
};
use tower_http::{timeout::TimeoutLayer as HttpTimeoutLayer, trace::TraceLayer};
use tracing::{Instrument, info_span, instrument::Instrumented};
use tracing_subscriber::{layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt};

const SECOND: Duration = Duration::from_secs(1);

/// What a layer around HTTP that fails is turned into, as applications do.
fn answered(result: Result<HttpResponse, BoxError>) -> Result<HttpResponse, BoxError> {
    result.or_else(|error| {
        let body = Full::new(Bytes::from(error.to_string()));
        let body = body.map_err(|never| match never {}).boxed_unsync();
        let mut response = http::Response::new(body);
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        Ok(response)
    })
}

#[tokio::test(start_paused = true)]
async fn timeout() {
    for (height, shape) in all() {
        let what = format!("{height:?}, {shape}");
        let work = Work::new(10 * SECOND);
        let stack = match height {
            Height::Http => outside(
                &work,
                HttpTimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SECOND),
            ),
            _ => inside(height, &work, TimeoutLayer::new(SECOND)),
        };
        let caller = Caller::new(&stack, shape).await;
        let started = Instant::now();
        let answer = caller.call().await;
        let took = started.elapsed();
        assert_eq!(answer.is_stream, shape.streams, "{what}");
        match (height, shape.streams) {
            // The head has left: around HTTP nothing ends the work any more.
            (Height::Http, true) => {
                assert_eq!(answer.text(), "done", "{what}");
                assert_eq!((took, work.finished()), (10 * SECOND, 1), "{what}");
                continue;
            }
            (Height::Http, false) => assert_eq!(answer.status, 504, "{what}"),
            _ => {
                assert_eq!(answer.text(), "timed out", "{what}");
                assert!(answer.is_tool_error(), "{what}");
                assert_eq!(work.running(), 0, "{what}");
            }
        }
        assert_eq!((took, work.finished()), (SECOND, 0), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit() {
    for (height, shape) in all() {
        let what = format!("{height:?}, {shape}");
        let work = Work::new(SECOND);
        let limit = ConcurrencyLimitLayer::new(2);
        let stack = match height {
            Height::Http => outside(&work, limit),
            _ => inside(height, &work, limit),
        };
        Caller::new(&stack, shape).await.call_at_once(6).await;
        // Around HTTP a permit is given back with the head: streams are not counted.
        let expected = match (height, shape.streams) {
            (Height::Http, true) => 6,
            _ => 2,
        };
        assert_eq!((work.most(), work.finished()), (expected, 6), "{what}");
    }
    let work = Work::new(SECOND);
    let (_, shape) = all().next().unwrap();
    Caller::new(&bare(&work), shape).await.call_at_once(6).await;
    assert_eq!(work.most(), 6, "without a layer");
}

#[tokio::test(start_paused = true)]
async fn load_shed() {
    for (height, shape) in all() {
        let what = format!("{height:?}, {shape}");
        let work = Work::new(SECOND);
        let shed = (LoadShedLayer::new(), ConcurrencyLimitLayer::new(1));
        let stack = match height {
            Height::Http => outside(&work, (MapResultLayer::new(answered), shed)),
            _ => inside(height, &work, shed),
        };
        let caller = Caller::new(&stack, shape).await;
        let first = tokio::spawn({
            let caller = caller.clone();
            async move { caller.call().await }
        });
        // The clock moves only when everybody waits: the first call is in the tool.
        tokio::time::sleep(SECOND / 2).await;
        assert_eq!(work.running(), 1, "{what}");
        let second = caller.call().await;
        match (height, shape.streams) {
            (Height::Http, true) => assert_eq!(second.text(), "done", "{what}"),
            // Before anything was sent there is a status, also for what would become a stream.
            _ => {
                assert_eq!((second.status, second.is_stream), (503, false), "{what}");
                assert_eq!(first.await.unwrap().text(), "done", "{what}");
                assert_eq!(caller.call().await.text(), "done", "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rate_limit() {
    for (height, shape) in all() {
        let what = format!("{height:?}, {shape}");
        let work = Work::new(Duration::ZERO);
        // `RateLimit` counts in itself and is no `Clone`; `Buffer` shares one of them.
        let limit = RateLimitLayer::new(2, SECOND);
        let stack = match height {
            Height::Http => outside(&work, (BufferLayer::new(16), limit)),
            _ => inside(height, &work, (BufferLayer::new(16), limit)),
        };
        let caller = Caller::new(&stack, shape).await;
        // What a handshake has used up is given back.
        tokio::time::sleep(2 * SECOND).await;
        let started = Instant::now();
        caller.call_at_once(6).await;
        let took = started.elapsed();
        assert!((2 * SECOND..3 * SECOND).contains(&took), "{what}: {took:?}");
    }
}

/// Replaces results that are too long, at the inner heights.
fn at_most(bytes: usize) -> impl Fn(Response) -> Response + Clone + Send + Sync {
    move |response| match response.outcome() {
        Ok(Payload::Tool(result)) => {
            let length = serde_json::to_vec(result).map_or(usize::MAX, |json| json.len());
            if length <= bytes {
                return response;
            }
            Payload::Tool(ToolResult::error("the answer is too long")).into()
        }
        _ => response,
    }
}

#[tokio::test(start_paused = true)]
async fn response_size_limit() {
    for (height, shape) in all() {
        for (length, fits) in [(10, true), (4096, false)] {
            let what = format!("{height:?}, {shape}, {length}");
            let mut work = Work::new(Duration::ZERO);
            work.answer = "x".repeat(length);
            let stack = match height {
                // Around HTTP a body that is too long can only be cut off.
                Height::Http => outside(
                    &work,
                    MapResponseLayer::new(|response: HttpResponse| {
                        response.map(|body| Limited::new(body, 1024))
                    }),
                ),
                _ => inside(height, &work, MapResponseLayer::new(at_most(1024))),
            };
            let caller = Caller::new(&stack, shape).await;
            let answer = caller.call().await;
            assert_eq!(answer.is_stream, shape.streams, "{what}");
            match (height, fits) {
                (_, true) => assert_eq!(answer.text(), work.answer, "{what}"),
                (Height::Http, false) => assert!(answer.message.is_none(), "{what}"),
                (_, false) => {
                    assert_eq!(answer.text(), "the answer is too long", "{what}");
                    assert!(answer.is_tool_error(), "{what}");
                }
            }
        }
    }
}

/// A layer of one's own that counts requests and runs them in a span: whatever they are.
#[derive(Clone, Debug, Default)]
struct Watch<S> {
    inner: S,
    seen: Arc<AtomicUsize>,
}

impl<S, R> Service<R> for Watch<S>
where
    S: Service<R>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Instrumented<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        self.seen.fetch_add(1, Ordering::SeqCst);
        self.inner.call(request).instrument(info_span!("watch"))
    }
}

#[tokio::test(start_paused = true)]
async fn metrics() {
    for (height, shape) in all() {
        let what = format!("{height:?}, {shape}");
        let (work, seen) = (Work::new(SECOND), Arc::new(AtomicUsize::new(0)));
        let stack = match height {
            Height::Http => {
                let seen = seen.clone();
                outside(&work, layer_fn(move |inner| watch(inner, &seen)))
            }
            _ => {
                let seen = seen.clone();
                inside(height, &work, layer_fn(move |inner| watch(inner, &seen)))
            }
        };
        let caller = Caller::new(&stack, shape).await;
        let before = seen.load(Ordering::SeqCst);
        caller.call_at_once(3).await;
        assert_eq!(seen.load(Ordering::SeqCst) - before, 3, "{what}");
    }
}

fn watch<S>(inner: S, seen: &Arc<AtomicUsize>) -> Watch<S> {
    let seen = seen.clone();
    Watch { inner, seen }
}

/// The spans around what the tool says, outermost first.
#[derive(Clone, Debug, Default)]
struct Spans(Arc<Mutex<Vec<Vec<&'static str>>>>);

impl<S> tracing_subscriber::Layer<S> for Spans
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_event(&self, event: &tracing::Event<'_>, cx: tracing_subscriber::layer::Context<'_, S>) {
        if event.metadata().target() == "heights" {
            let scope = cx.event_scope(event).into_iter();
            let names = scope.flat_map(|scope| scope.from_root().map(|span| span.name()));
            self.0.lock().unwrap().push(names.collect());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn trace() {
    let spans = Spans::default();
    // While there is only one subscriber, spans that another thread meets first, where it is not
    // the default, are off everywhere.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing_subscriber::registry()
        .with(spans.clone())
        .set_default();
    for (height, shape) in all() {
        let what = format!("{height:?}, {shape}");
        let (work, seen) = (Work::new(SECOND), Arc::new(AtomicUsize::new(0)));
        let (stack, around) = match height {
            Height::Http => (
                outside(&work, TraceLayer::new_for_http()),
                ["request", "mcp.request"],
            ),
            _ => (
                inside(height, &work, layer_fn(move |inner| watch(inner, &seen))),
                ["mcp.request", "watch"],
            ),
        };
        Caller::new(&stack, shape).await.call_at_once(1).await;
        let said = std::mem::take(&mut *spans.0.lock().unwrap());
        // Also what it says after its stream has begun and the call is a task.
        assert_eq!(said, [around, around], "{what}");
    }
}
