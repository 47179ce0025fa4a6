//! Time limits, and calls that outlive their client.
#![allow(missing_docs, clippy::unwrap_used)] // a failed test may panic

use mcp_core::{
    Context, Payload, Request, Response, Server,
    call::{CallEvent, CancelReason, Link, Outgoing, RunningCall},
    mcp_prompt, mcp_tool,
    protocol::{Message, Revision},
};
use std::{
    future::{pending, poll_fn},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep},
};

fn request(method: &str, name: &str) -> Request {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"name":"{name}","_meta":{{"progressToken":"t"}}}}}}"#
    );
    match Message::parse(body.into(), 64).unwrap() {
        Message::Request(message) => {
            Request::new(mcp_core::Facts::new(message, Revision::V2026_07_28))
        }
        Message::Response(_) => panic!("a request"),
    }
}

fn start(server: &Server, request: Request) -> RunningCall {
    let link = Arc::new(Link::new());
    RunningCall::start(server, request.with_peer(link.clone()), link)
}

async fn answer(server: &Server, method: &str, name: &str) -> (Response, Duration) {
    let begun = Instant::now();
    let mut call = start(server, request(method, name));
    loop {
        match poll_fn(|cx| call.poll_event(cx)).await {
            CallEvent::Done(response) => return (response, begun.elapsed()),
            CallEvent::Emitted => {}
            other => panic!("{other:?}"),
        }
    }
}

fn tool_error(response: &Response) -> String {
    match response.outcome() {
        Ok(Payload::Tool(result)) if result.is_error => format!("{:?}", result.content),
        other => panic!("{other:?}"),
    }
}

/// Never ends.
#[mcp_tool(timeout = "250ms")]
async fn quick() -> String {
    pending().await
}

/// Ends late.
#[mcp_tool(timeout = "1h")]
async fn slow() -> &'static str {
    sleep(Duration::from_secs(600)).await;
    "done"
}

/// Never ends, and says nothing of it.
#[mcp_tool]
async fn plain() -> String {
    pending().await
}

/// Never ends.
#[mcp_prompt(timeout = "2s")]
async fn ponder() -> String {
    pending().await
}

/// Fills the queue of a client that does not read.
#[mcp_tool(timeout = "3s")]
async fn chatty(cx: Context) -> String {
    loop {
        cx.log(mcp_core::LogLevel::Error, &"x".repeat(10_000)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_operations_own_limit_wins() {
    let server = Server::builder("s", "1")
        .timeout(Duration::from_secs(30))
        .tool(quick)
        .tool(slow)
        .tool(plain)
        .prompt(ponder)
        .build();
    let (response, took) = answer(&server, "tools/call", "quick").await;
    assert!(tool_error(&response).contains("timed out after 0.25 s"));
    assert_eq!(took, Duration::from_millis(250));
    let (response, _) = answer(&server, "tools/call", "slow").await;
    assert!(matches!(response.outcome(), Ok(Payload::Tool(result)) if !result.is_error));
    let (response, _) = answer(&server, "tools/call", "plain").await;
    assert!(tool_error(&response).contains("timed out after 30 s"));
    let (response, _) = answer(&server, "prompts/get", "ponder").await;
    let refusal = response.outcome().unwrap_err();
    assert_eq!(refusal.error().code.0, -32603);
    assert_eq!(refusal.error().message, "timed out after 2 s");
}

#[tokio::test(start_paused = true)]
async fn the_limit_holds_when_nobody_reads() {
    let server = Server::builder("s", "1").tool(chatty).build();
    let mut chat = request("tools/call", "chatty");
    let facts = chat.facts().clone();
    chat = Request::new(facts.with_log_level(Some(mcp_core::LogLevel::Debug)));
    let call = start(&server, chat);
    let link = call.link().clone();
    let begun = Instant::now();
    tokio::spawn(call).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
    let answer = loop {
        match poll_fn(|cx| link.poll_next(cx)).await {
            Some(Outgoing::Answer(answer)) => break answer,
            Some(_) => {}
            None => panic!("no answer"),
        }
    };
    assert!(tool_error(&answer).contains("timed out after 3 s"));
}

#[tokio::test(start_paused = true)]
async fn the_limit_covers_layers() {
    let layer = tower_layer::layer_fn(|inner: mcp_core::Route| {
        tower::service_fn(move |request: Request| {
            let mut inner = inner.clone();
            async move {
                sleep(Duration::from_secs(60)).await;
                tower_service::Service::call(&mut inner, request).await
            }
        })
    });
    let server = Server::builder("s", "1").tool(quick).layer(layer).build();
    let (response, took) = answer(&server, "tools/call", "quick").await;
    assert!(tool_error(&response).contains("timed out after 0.25 s"));
    assert_eq!(took, Duration::from_millis(250));
}

#[derive(Clone)]
struct Gate {
    open: Arc<Semaphore>,
    done: Arc<Semaphore>,
    cancelled: Arc<AtomicUsize>,
}

impl Gate {
    fn new() -> Self {
        Self {
            open: Arc::new(Semaphore::new(0)),
            done: Arc::new(Semaphore::new(0)),
            cancelled: Arc::default(),
        }
    }

    async fn pass(&self) {
        self.open.acquire().await.unwrap().forget();
    }
}

/// Goes on.
#[mcp_tool(run_to_completion)]
async fn commit(cx: Context, mcp_core::State(gate): mcp_core::State<Gate>) -> String {
    gate.pass().await;
    gate.cancelled
        .fetch_add(usize::from(cx.is_cancelled()), Ordering::SeqCst);
    gate.done.add_permits(1);
    "done".to_owned()
}

/// Goes on for a while.
#[mcp_tool(run_to_completion, timeout = "5s")]
async fn bounded(mcp_core::State(gate): mcp_core::State<Gate>) -> String {
    let _dropped = Dropped(gate.done.clone());
    pending().await
}

struct Dropped(Arc<Semaphore>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

/// Goes on in part.
#[mcp_tool(timeout = "10s")]
async fn partly(cx: Context, mcp_core::State(gate): mcp_core::State<Gate>) -> String {
    let _dropped = Dropped(gate.open.clone());
    cx.finish(async move {
        gate.pass().await;
        gate.done.add_permits(1);
    })
    .await;
    pending().await
}

fn gated() -> (Server, Gate) {
    let gate = Gate::new();
    let builder = Server::builder("s", "1").state(gate.clone());
    let server = builder.tool(commit).tool(bounded).tool(partly).build();
    (server, gate)
}

async fn begin(call: &mut RunningCall) {
    poll_fn(|cx| {
        assert!(call.poll_event(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn a_dropped_call_runs_to_completion() {
    let (server, gate) = gated();
    let mut call = start(&server, request("tools/call", "commit"));
    begin(&mut call).await;
    drop(call);
    gate.open.add_permits(1);
    gate.done.acquire().await.unwrap().forget();
    assert_eq!(gate.cancelled.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_cancelled_call_runs_to_completion() {
    let (server, gate) = gated();
    let mut call = start(&server, request("tools/call", "commit"));
    begin(&mut call).await;
    call.link().cancel(CancelReason::Requested);
    let event = poll_fn(|cx| call.poll_event(cx)).await;
    assert!(matches!(event, CallEvent::Cancelled));
    gate.open.add_permits(1);
    gate.done.acquire().await.unwrap().forget();
    assert_eq!(gate.cancelled.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_call_that_has_not_begun_never_does() {
    let (server, gate) = gated();
    drop(start(&server, request("tools/call", "commit")));
    tokio::task::yield_now().await;
    assert_eq!(Arc::strong_count(&gate.done), 2, "state and test");
}

#[tokio::test(start_paused = true)]
async fn the_limit_ends_what_runs_to_completion() {
    let (server, gate) = gated();
    let mut call = start(&server, request("tools/call", "bounded"));
    begin(&mut call).await;
    let begun = Instant::now();
    drop(call);
    gate.done.acquire().await.unwrap().forget();
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
}

#[tokio::test]
async fn a_part_finishes_when_its_call_is_dropped() {
    let (server, gate) = gated();
    let mut call = start(&server, request("tools/call", "partly"));
    begin(&mut call).await;
    // Dropping the rest of the handler opens the gate for the part.
    drop(call);
    gate.done.acquire().await.unwrap().forget();
}

#[tokio::test(start_paused = true)]
async fn a_part_finishes_when_the_time_is_up() {
    let (server, gate) = gated();
    let (response, _) = answer(&server, "tools/call", "partly").await;
    assert!(tool_error(&response).contains("timed out after 10 s"));
    gate.done.acquire().await.unwrap().forget();
}
