//! One audit event for each request, whatever becomes of it.
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use mcp_core::{
    Context, Facts, Principal, Refusal, Request, RequestError, Response, Route, Server,
    ServerBuilder, ToolError,
    call::{CallEvent, CancelReason, Link, Outcome, RunningCall},
    mcp_prompt, mcp_resource, mcp_tool,
    protocol::{ErrorCode, Message, Revision},
};
use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};
use tower::{Service, layer::layer_fn, service_fn};

/// What was heard, in order.
#[derive(Clone, Debug, Default)]
struct Book(Arc<Mutex<Vec<Line>>>);

#[derive(Clone, Debug, PartialEq)]
struct Line {
    who: String,
    mount: String,
    method: String,
    item: Option<String>,
    revision: Revision,
    duration: Duration,
    outcome: Outcome,
}

impl Book {
    fn keep<S: Send + Sync + 'static>(&self, builder: ServerBuilder<S>) -> Server {
        let book = self.clone();
        let builder = builder.audit(move |event| {
            book.0.lock().unwrap().push(Line {
                who: event.principal.subject().unwrap_or("nobody").to_owned(),
                mount: event.mount.as_str().to_owned(),
                method: event.method.to_owned(),
                item: event.item.map(str::to_owned),
                revision: event.revision,
                duration: event.duration,
                outcome: event.outcome,
            });
        });
        builder.build()
    }

    /// The only line; the book is empty afterwards.
    fn line(&self) -> Line {
        let mut lines = self.0.lock().unwrap();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

#[mcp_tool]
async fn good() -> &'static str {
    "good"
}

#[mcp_tool]
async fn bad() -> Result<String, ToolError> {
    Err(ToolError::new("bad"))
}

#[mcp_tool]
async fn boom() -> String {
    panic!("a panic")
}

#[mcp_tool(timeout = "2s")]
async fn endless(cx: Context) {
    cx.progress(1.0).await;
    std::future::pending().await
}

#[mcp_tool(run_to_completion)]
async fn stubborn() {
    tokio::time::sleep(Duration::from_secs(5)).await;
}

#[mcp_tool(scopes("admin"))]
async fn locked() {}

#[mcp_tool]
async fn layered() {}

#[mcp_prompt]
async fn speak() -> Result<String, RequestError> {
    Err(std::io::Error::other("a secret"))?
}

#[mcp_resource("vault://{id}")]
async fn vault(id: String) -> String {
    id
}

/// Does what the name of the tool says.
fn unruly() -> impl tower::Layer<
    Route,
    Service: Service<Request, Response = Response, Error = mcp_core::BoxError, Future: Send>
                 + Clone
                 + Send
                 + Sync,
> + Send {
    layer_fn(|route: Route| {
        service_fn(move |request: Request| {
            let mut route = route.clone();
            async move {
                match request.target_name() {
                    Some("shed") => Err(tower::load_shed::error::Overloaded::new().into()),
                    Some("limited") => Err(Refusal::rate_limited().into()),
                    Some("odd") => Err("odd".into()),
                    Some("panics") => panic!("a panic"),
                    Some("elapsed") => Err(tower::timeout::error::Elapsed::new().into()),
                    _ => route.call(request).await,
                }
            }
        })
    })
}

fn builder() -> ServerBuilder<()> {
    Server::builder("audited", "1")
        .tool(good)
        .tool(bad)
        .tool(boom)
        .tool(endless)
        .tool(stubborn)
        .tool(locked)
        .tool(layered)
        .prompt(speak)
        .resource(vault)
        .layer(unruly())
}

fn request(method: &str, params: &str) -> Request {
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}}}}}"#);
    let Message::Request(message) = Message::parse(body.into(), 64).unwrap() else {
        panic!("not a request");
    };
    let facts = Facts::new(message, Revision::V2026_07_28)
        .with_principal(Principal::new("here", "ada"))
        .with_mount(mcp_core::Mount::new("desk"));
    Request::new(facts)
}

fn call(tool: &str) -> Request {
    request(
        "tools/call",
        &format!(r#""name":"{tool}","arguments":{{}}"#),
    )
}

fn start(server: &Server, request: Request) -> RunningCall {
    let link = Arc::new(Link::new());
    RunningCall::start(server, request.with_peer(link.clone()), link)
}

#[tokio::test(start_paused = true)]
async fn every_way_to_end_is_one_event() {
    let book = Book::default();
    let server = book.keep(builder());
    let unknown = Outcome::Error(ErrorCode::INVALID_PARAMS);
    let table = [
        (call("good"), Some("good"), Outcome::Ok, "ok"),
        (call("bad"), Some("bad"), Outcome::ToolError, "tool_error"),
        (call("boom"), Some("boom"), Outcome::ToolError, "tool_error"),
        (
            call("endless"),
            Some("endless"),
            Outcome::TimedOut,
            "timed_out",
        ),
        (
            call("locked"),
            Some("locked"),
            Outcome::Refused(mcp_core::RefusalKind::InsufficientScope),
            "insufficient_scope",
        ),
        (call("hunter2"), None, unknown, "error"),
        (
            call("shed"),
            None,
            Outcome::Refused(mcp_core::RefusalKind::Overloaded),
            "overloaded",
        ),
        (
            call("limited"),
            None,
            Outcome::Refused(mcp_core::RefusalKind::RateLimited),
            "rate_limited",
        ),
        (call("odd"), None, Outcome::Internal, "internal"),
        (call("panics"), None, Outcome::Internal, "internal"),
        (call("elapsed"), None, Outcome::TimedOut, "timed_out"),
        (
            request("prompts/get", r#""name":"speak""#),
            Some("speak"),
            Outcome::Internal,
            "internal",
        ),
        (
            request("resources/read", r#""uri":"vault://hunter2""#),
            Some("vault"),
            Outcome::Ok,
            "ok",
        ),
        (request("tools/list", ""), None, Outcome::Ok, "ok"),
        (
            request("hunter2", ""),
            None,
            Outcome::Error(ErrorCode::METHOD_NOT_FOUND),
            "error",
        ),
    ];
    for (request, item, outcome, name) in table {
        let method = match request.method() {
            "hunter2" => "_OTHER".to_owned(),
            method => method.to_owned(),
        };
        // As a service, and as a transport runs it.
        let answer = server.clone().call(request.clone()).await;
        drop(answer);
        let line = book.line();
        assert_eq!((line.outcome, line.outcome.as_str()), (outcome, name));
        assert_eq!((line.method, line.item.as_deref()), (method, item));
        assert_eq!(
            (line.who, line.mount),
            ("ada".to_owned(), "desk".to_owned())
        );
        assert_eq!(line.revision, Revision::V2026_07_28);
        start(&server, request).await;
        assert_eq!(book.line().outcome, outcome);
    }
}

#[tokio::test(start_paused = true)]
async fn a_duration_is_that_of_the_request() {
    let book = Book::default();
    let server = book.keep(builder());
    start(&server, call("endless")).await;
    assert_eq!(book.line().duration, Duration::from_secs(2));
}

#[tokio::test]
async fn a_call_that_is_dropped_or_cancelled_is_one_event() {
    let book = Book::default();
    let server = book.keep(builder());

    // Never polled.
    drop(start(&server, call("good")));
    assert_eq!(book.line().outcome, Outcome::Cancelled);

    // Dropped where it waits.
    let mut running = start(&server, call("endless"));
    poll_fn(|cx| Poll::Ready(running.poll_event(cx).is_pending())).await;
    assert!(book.is_empty());
    drop(running);
    assert_eq!(book.line().outcome, Outcome::Cancelled);

    // Cancelled from outside.
    let mut running = start(&server, call("endless"));
    poll_fn(|cx| Poll::Ready(running.poll_event(cx).is_pending())).await;
    running.link().cancel(CancelReason::Requested);
    let event = poll_fn(|cx| running.poll_event(cx)).await;
    assert!(matches!(event, CallEvent::Cancelled));
    drop(running);
    assert_eq!(book.line().outcome, Outcome::Cancelled);

    // The service's own future, dropped.
    let mut server = server;
    let mut answer = server.call(call("endless"));
    poll_fn(|cx| Poll::Ready(pin!(&mut answer).poll(cx).is_pending())).await;
    drop(answer);
    assert_eq!(book.line().outcome, Outcome::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlives_its_client_is_told_when_it_ends() {
    let book = Book::default();
    let server = book.keep(builder());
    let mut running = start(&server, call("stubborn"));
    poll_fn(|cx| Poll::Ready(running.poll_event(cx).is_pending())).await;
    drop(running);
    assert!(book.is_empty());
    tokio::time::sleep(Duration::from_secs(6)).await;
    let line = book.line();
    assert_eq!(line.outcome, Outcome::Ok);
    assert_eq!(line.duration, Duration::from_secs(5));
}

#[tokio::test]
async fn a_hook_that_panics_harms_nobody() {
    let book = Book::default();
    let server = book.keep(builder().audit(|_| panic!("no")));
    let mut server = server;
    let Ok(answer) = server.call(call("good")).await;
    assert!(answer.outcome().is_ok());
    assert_eq!(book.line().outcome, Outcome::Ok);
}

#[tokio::test]
async fn a_layer_that_panics_when_it_is_cloned_is_an_internal_error() {
    /// Is cloned for each call.
    struct Fragile(Route);
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            panic!("a panic")
        }
    }
    impl Service<Request> for Fragile {
        type Response = Response;
        type Error = mcp_core::BoxError;
        type Future = mcp_core::BoxFuture<'static, Result<Response, mcp_core::BoxError>>;

        fn poll_ready(
            &mut self,
            cx: &mut std::task::Context<'_>,
        ) -> Poll<Result<(), mcp_core::BoxError>> {
            self.0.poll_ready(cx)
        }

        fn call(&mut self, request: Request) -> Self::Future {
            self.0.call(request)
        }
    }
    let book = Book::default();
    let mut server = book.keep(builder().layer(layer_fn(Fragile)));
    let Ok(answer) = server.call(call("good")).await;
    assert!(answer.outcome().is_err());
    assert_eq!(book.line().outcome, Outcome::Internal);
}

#[cfg(feature = "metrics")]
mod metrics_of_requests {
    use super::*;
    use metrics::{
        Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
        SharedString, Unit,
    };
    use std::collections::BTreeMap;

    /// What was recorded, by metric and labels.
    #[derive(Clone, Debug, Default)]
    struct Recorded(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

    struct One(Recorded, String);

    impl One {
        fn push(&self, value: f64) {
            let mut all = self.0.0.lock().unwrap();
            all.entry(self.1.clone()).or_default().push(value);
        }
    }

    impl CounterFn for One {
        fn increment(&self, value: u64) {
            self.push(f64::from(u32::try_from(value).unwrap()));
        }

        fn absolute(&self, _: u64) {
            panic!("only counted up")
        }
    }

    impl HistogramFn for One {
        fn record(&self, value: f64) {
            self.push(value);
        }
    }

    impl Recorded {
        fn one(&self, key: &Key) -> Arc<One> {
            let labels: Vec<_> = key
                .labels()
                .map(|label| format!("{}={}", label.key(), label.value()))
                .collect();
            let name = format!("{} {}", key.name(), labels.join(" "));
            Arc::new(One(self.clone(), name))
        }
    }

    impl Recorder for Recorded {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.one(key))
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            panic!("nothing is gauged")
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.one(key))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_counted_and_measured() {
        let recorded = Recorded::default();
        let server = builder().audit(mcp_core::record_metrics).build();
        let _recording = metrics::set_default_local_recorder(&recorded);
        for name in ["good", "good", "endless", "hunter2"] {
            start(&server, call(name)).await;
        }
        let all = recorded.0.lock().unwrap().clone();
        let labels =
            |item, outcome| format!("method=tools/call item={item} era=modern outcome={outcome}");
        let expected = [
            (labels("good", "ok"), vec![1.0, 1.0], vec![0.0, 0.0]),
            (labels("endless", "timed_out"), vec![1.0], vec![2.0]),
            (labels("", "error"), vec![1.0], vec![0.0]),
        ];
        for (labels, counted, measured) in &expected {
            assert_eq!(&all[&format!("mcp_requests_total {labels}")], counted);
            let measure = format!("mcp_request_duration_seconds {labels}");
            assert_eq!(&all[&measure], measured);
        }
        assert_eq!(all.len(), 2 * expected.len());
    }
}
