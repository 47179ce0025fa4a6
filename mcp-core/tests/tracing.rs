//! The span around requests, and what clients see of a handler's events.
#![allow(missing_docs, clippy::unwrap_used)] // a failed test may panic

use mcp_core::{
    Context, Facts, Request, Route, Server, ToolError,
    call::{CallEvent, CancelReason, Link, RunningCall},
    mcp_resource, mcp_tool,
    protocol::{Message, Revision},
};
use std::{
    collections::BTreeMap,
    fmt,
    future::{pending, poll_fn},
    sync::{Arc, Mutex},
};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    Registry,
    layer::{Context as LayerContext, Layer, SubscriberExt},
    registry::LookupSpan,
};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn request(method: &str, params: &str, revision: Revision) -> Request {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"_meta":{{"traceparent":"{PARENT}"}},{params}}}}}"#
    );
    match Message::parse(body.into(), 64).unwrap() {
        Message::Request(message) => Request::new(Facts::new(message, revision)),
        Message::Response(_) => panic!("a request"),
    }
}

fn call(name: &str) -> Request {
    let params = format!(r#""name":"{name}","arguments":{{"secret":"hunter2"}}"#);
    request("tools/call", &params, Revision::V2026_07_28)
}

fn start(server: &Server, request: Request) -> RunningCall {
    let link = Arc::new(Link::new());
    RunningCall::start(server, request.with_peer(link.clone()), link)
}

/// Drives a call to its answer.
async fn finish(server: &Server, request: Request) {
    let mut call = start(server, request);
    while let CallEvent::Emitted = poll_fn(|cx| call.poll_event(cx)).await {}
}

type Fields = BTreeMap<&'static str, String>;

/// The fields of every request span that has ended, and the names of the spans events were in.
#[derive(Clone, Default)]
struct Seen {
    spans: Arc<Mutex<Vec<Fields>>>,
    events: Arc<Mutex<Vec<Option<&'static str>>>>,
}

struct Collect<'a>(&'a mut Fields);

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: LayerContext<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Collect(&mut fields));
        cx.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, cx: LayerContext<'_, S>) {
        let span = cx.span(id).unwrap();
        let mut extensions = span.extensions_mut();
        values.record(&mut Collect(extensions.get_mut().unwrap()));
    }

    fn on_event(&self, event: &tracing::Event<'_>, cx: LayerContext<'_, S>) {
        if event.metadata().target() == "handler" {
            let name = cx.event_span(event).map(|span| span.name());
            self.events.lock().unwrap().push(name);
        }
    }

    fn on_close(&self, id: Id, cx: LayerContext<'_, S>) {
        let span = cx.span(&id).unwrap();
        if span.name() == "mcp.request" {
            let fields = span.extensions_mut().remove().unwrap();
            self.spans.lock().unwrap().push(fields);
        }
    }
}

fn watch() -> (Seen, DefaultGuard) {
    let seen = Seen::default();
    let guard = tracing::subscriber::set_default(Registry::default().with(seen.clone()));
    (seen, guard)
}

impl Seen {
    fn last(&self) -> Fields {
        self.spans.lock().unwrap().last().cloned().unwrap()
    }
}

/// Works.
#[mcp_tool(ignore_unknown)]
async fn good(cx: Context) -> String {
    tracing::info!(target: "handler", "before");
    tokio::task::yield_now().await;
    tracing::info!(target: "handler", "after");
    assert!(cx.trace().parent().is_some());
    "fine".to_owned()
}

/// Fails.
#[mcp_tool(ignore_unknown)]
async fn bad() -> Result<String, ToolError> {
    Err(ToolError::new("no"))
}

/// Never ends.
#[mcp_tool(ignore_unknown, timeout = "1s")]
async fn endless() -> String {
    pending().await
}

/// A secret.
#[mcp_resource("secret://{word}")]
async fn secret(word: String) -> String {
    word
}

fn server() -> Server {
    let builder = Server::builder("s", "1").tool(good).tool(bad);
    builder.tool(endless).resource(secret).build()
}

#[tokio::test(start_paused = true)]
async fn a_span_tells_what_was_asked_and_what_came_of_it() {
    let (seen, _guard) = watch();
    let server = server();
    finish(&server, call("good")).await;
    let expected = [
        ("method", "tools/call"),
        ("tool", "good"),
        ("era", "modern"),
        ("revision", "2026-07-28"),
        ("trace_id", "0af7651916cd43dd8448eb211c80319c"),
        ("parent_id", "b7ad6b7169203331"),
        ("outcome", "ok"),
    ];
    let expected: Fields = expected
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect();
    assert_eq!(seen.last(), expected);
    let events = seen.events.lock().unwrap().clone();
    assert_eq!(events, [Some("mcp.request"), Some("mcp.request")]);

    finish(&server, call("bad")).await;
    assert_eq!(seen.last()["outcome"], "tool_error");
    finish(&server, call("endless")).await;
    assert_eq!(seen.last()["outcome"], "timed_out");
    finish(&server, call("unknown")).await;
    assert_eq!(seen.last()["code"], "-32602");
    assert_eq!(seen.last()["outcome"], "error");
    assert!(!seen.last().contains_key("tool"));
}

#[tokio::test]
async fn a_span_shows_no_values() {
    let (seen, _guard) = watch();
    let server = server();
    let read = r#""uri":"secret://hunter2""#;
    finish(
        &server,
        request("resources/read", read, Revision::V2025_11_25),
    )
    .await;
    assert_eq!(seen.last()["resource"], "secret");
    assert_eq!(seen.last()["era"], "legacy");
    finish(&server, request("hunter2", read, Revision::V2025_11_25)).await;
    assert_eq!(seen.last()["method"], "_OTHER");
    finish(&server, call("hunter2")).await;
    finish(&server, call("good")).await;
    let spans = seen.spans.lock().unwrap();
    assert_eq!(spans.len(), 4);
    for value in spans.iter().flat_map(BTreeMap::values) {
        assert!(!value.contains("hunter2"), "{value}");
    }
}

#[tokio::test]
async fn a_cancelled_call_ends_its_span() {
    let (seen, _guard) = watch();
    let mut call = start(&server(), call("endless"));
    poll_fn(|cx| std::task::Poll::Ready(call.poll_event(cx).is_pending())).await;
    call.link().cancel(CancelReason::Requested);
    poll_fn(|cx| call.poll_event(cx)).await;
    assert_eq!(seen.last()["outcome"], "cancelled");
}

#[tokio::test]
async fn a_span_follows_a_call_into_a_task() {
    let (seen, _guard) = watch();
    let server = server();
    tokio::spawn(start(&server, call("good"))).await.unwrap();
    let events = seen.events.lock().unwrap().clone();
    assert_eq!(events, [Some("mcp.request"), Some("mcp.request")]);
}

#[tokio::test]
async fn without_a_subscriber_there_is_no_span() {
    let route = Route::from_fn(|request| async move {
        assert!(tracing::Span::current().is_disabled());
        let params = request.facts().message.raw_params();
        Ok::<_, mcp_core::RequestError>(params.unwrap())
    });
    let server = Server::builder("s", "1").fallback(route).build();
    let asked = request("x/y", r#""a":1"#, Revision::V2026_07_28);
    let mut call = start(&server, asked);
    let event = poll_fn(|cx| call.poll_event(cx)).await;
    assert!(matches!(event, CallEvent::Done(response) if response.outcome().is_ok()));
}

#[cfg(feature = "tracing-client-logs")]
mod client_logs {
    use super::*;
    use mcp_core::{ClientLogs, LogLevel, State, call::Outgoing};
    use tokio::sync::Barrier;

    fn logging() -> DefaultGuard {
        let layer = ClientLogs::of("shop");
        tracing::subscriber::set_default(Registry::default().with(layer))
    }

    /// Everything that a call has emitted, as text.
    async fn emitted(link: &Link) -> Vec<String> {
        let mut texts = Vec::new();
        while link.has_queued() {
            if let Some(Outgoing::Notification(notification)) =
                poll_fn(|cx| link.poll_next(cx)).await
            {
                texts.push(notification.params.as_str().to_owned());
            }
        }
        texts
    }

    async fn logs_of(server: &Server, request: Request, lowest: LogLevel) -> Vec<String> {
        let facts = request.facts().clone().with_log_level(Some(lowest));
        let mut call = start(server, Request::new(facts));
        while let CallEvent::Emitted = poll_fn(|cx| call.poll_event(cx)).await {}
        emitted(call.link()).await
    }

    /// Says things.
    #[mcp_tool(ignore_unknown)]
    async fn talkative() -> Result<String, ToolError> {
        tracing::info!(target: "shop", "plain");
        tracing::warn!(target: "shop::till", count = 3, name = "x", "rich");
        tracing::debug!(target: "shop", "too fine");
        tracing::error!(target: "shopping", "another crate");
        Err(ToolError::internal("for the log only"))
    }

    #[tokio::test]
    async fn chosen_events_reach_the_client() {
        let _guard = logging();
        let server = Server::builder("s", "1").tool(talkative).build();
        let logs = logs_of(&server, call("talkative"), LogLevel::Info).await;
        let logs: Vec<serde_json::Value> = logs
            .iter()
            .map(|log| serde_json::from_str(log).unwrap())
            .collect();
        let rich = serde_json::json!({"count": 3, "message": "rich", "name": "x"});
        assert_eq!(
            logs,
            [
                serde_json::json!({"level": "info", "logger": "shop", "data": "plain"}),
                serde_json::json!({"level": "warning", "logger": "shop::till", "data": rich}),
            ]
        );
    }

    #[tokio::test]
    async fn a_full_queue_is_not_waited_for() {
        #[mcp_tool(ignore_unknown)]
        async fn flood() -> String {
            for _ in 0..1000 {
                tracing::info!(target: "shop", "{}", "x".repeat(1000));
            }
            "done".to_owned()
        }
        let _guard = logging();
        let server = Server::builder("s", "1").tool(flood).build();
        let logs = logs_of(&server, call("flood"), LogLevel::Info).await;
        assert!((100..Link::MAX_QUEUED_BYTES / 1000).contains(&logs.len()));
    }

    /// Says its own name, each time when all have come so far.
    #[mcp_tool(ignore_unknown)]
    async fn interleaved(secret: String, State(all): State<Arc<Barrier>>) -> String {
        for _ in 0..20 {
            all.wait().await;
            tracing::info!(target: "shop", "{secret}");
        }
        let task = {
            use tracing::Instrument;
            let secret = secret.clone();
            async move { tracing::info!(target: "shop", "{secret}") }.in_current_span()
        };
        tokio::spawn(task).await.unwrap();
        secret
    }

    #[tokio::test]
    async fn concurrent_calls_never_cross() {
        let _guard = logging();
        let barrier = Arc::new(Barrier::new(8));
        let builder = Server::builder("s", "1").state(barrier);
        let server = builder.tool(interleaved).build();
        let calls: Vec<_> = (0..8)
            .map(|caller| {
                let params =
                    format!(r#""name":"interleaved","arguments":{{"secret":"caller{caller}"}}"#);
                let request = request("tools/call", &params, Revision::V2026_07_28);
                let facts = request.facts().clone();
                let request = Request::new(facts.with_log_level(Some(LogLevel::Info)));
                let call = start(&server, request);
                let link = call.link().clone();
                (caller, link, tokio::spawn(call))
            })
            .collect();
        for (caller, link, running) in calls {
            running.await.unwrap();
            let expected = format!(r#"{{"level":"info","logger":"shop","data":"caller{caller}"}}"#);
            let logs = emitted(&link).await;
            assert_eq!(logs, vec![expected; 21]);
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_to_who_did_not_ask() {
        let _guard = logging();
        let server = Server::builder("s", "1").tool(talkative).build();
        let mut call = start(&server, call("talkative"));
        poll_fn(|cx| call.poll_event(cx)).await;
        assert!(!call.link().has_queued());
    }
}
