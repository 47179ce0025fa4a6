//! What becomes of handlers whose clients go away in the middle of a call.
#![allow(missing_docs, clippy::unwrap_used)] // a failed test may panic

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use mcp_tower::{Body, Context, McpService, Server, State, mcp_tool};
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::Semaphore, time::Instant};
use tower::ServiceExt;

const MODERN: &str = "2026-07-28";
const LEGACY: &str = "2025-06-18";

#[derive(Clone)]
struct Probe {
    entered: Arc<Semaphore>,
    open: Arc<Semaphore>,
    ended: Arc<Semaphore>,
    log: Arc<Mutex<Vec<&'static str>>>,
}

impl Probe {
    fn new() -> Self {
        let semaphore = || Arc::new(Semaphore::new(0));
        Self {
            entered: semaphore(),
            open: semaphore(),
            ended: semaphore(),
            log: Arc::default(),
        }
    }

    fn note(&self, what: &'static str) {
        self.log.lock().unwrap().push(what);
    }

    async fn wait(semaphore: &Semaphore) {
        semaphore.acquire().await.unwrap().forget();
    }

    /// What has happened when the handler is gone.
    async fn log(&self) -> Vec<&'static str> {
        Self::wait(&self.ended).await;
        self.log.lock().unwrap().clone()
    }
}

struct Ended(Probe);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.ended.add_permits(1);
    }
}

async fn work(cx: &Context, probe: Probe, speak: bool) -> &'static str {
    let ended = Ended(probe);
    let probe = &ended.0;
    if speak {
        cx.progress(1.0).await;
    }
    probe.entered.add_permits(1);
    Probe::wait(&probe.open).await;
    probe.note("done");
    if cx.is_cancelled() {
        probe.note("cancelled");
    }
    "done"
}

/// May be stopped.
#[mcp_tool]
async fn ordinary(speak: bool, cx: Context, State(probe): State<Probe>) -> &'static str {
    work(&cx, probe, speak).await
}

/// Must not be stopped.
#[mcp_tool(run_to_completion)]
async fn lasting(speak: bool, cx: Context, State(probe): State<Probe>) -> &'static str {
    work(&cx, probe, speak).await
}

/// Ends some time.
#[mcp_tool(timeout = "30s")]
async fn limited(speak: bool, cx: Context, State(probe): State<Probe>) -> &'static str {
    work(&cx, probe, speak).await
}

fn service() -> (McpService, Probe) {
    let probe = Probe::new();
    let builder = Server::builder("s", "1").state(probe.clone());
    let server = builder.tool(ordinary).tool(lasting).tool(limited).build();
    (McpService::new(server).without_sessions(), probe)
}

type Reply = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

fn call(service: &McpService, version: &str, tool: &str, speak: bool) -> Reply {
    let meta = if version == MODERN {
        r#","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}"#
    } else {
        ""
    };
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{{"speak":{speak}}},"_meta":{{"progressToken":1{meta}}}}}}}"#
    );
    let request = Request::post("http://localhost/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", version)
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let service = service.clone();
    Box::pin(async move { service.oneshot(request).await.unwrap() })
}

/// Starts a call and drops it in the middle: its response, or its stream.
async fn drop_in_the_middle(service: &McpService, probe: &Probe, call: (&str, &str, bool)) {
    let (version, tool, speak) = call;
    let mut reply = self::call(service, version, tool, speak);
    if speak {
        let response = reply.await;
        Probe::wait(&probe.entered).await;
        drop(response);
    } else {
        tokio::select! {
            response = &mut reply => panic!("{response:?}"),
            () = Probe::wait(&probe.entered) => {}
        }
        drop(reply);
    }
    tokio::task::yield_now().await;
    probe.open.add_permits(1);
}

#[tokio::test]
async fn only_what_runs_to_completion_outlives_a_modern_client() {
    for speak in [false, true] {
        let (service, probe) = service();
        drop_in_the_middle(&service, &probe, (MODERN, "ordinary", speak)).await;
        assert!(probe.log().await.is_empty(), "{speak}");
        let (service, probe) = self::service();
        drop_in_the_middle(&service, &probe, (MODERN, "lasting", speak)).await;
        assert_eq!(probe.log().await, ["done", "cancelled"], "{speak}");
    }
}

#[tokio::test]
async fn a_legacy_client_that_goes_away_cancels_nothing() {
    for speak in [false, true] {
        for tool in ["ordinary", "lasting"] {
            let (service, probe) = service();
            drop_in_the_middle(&service, &probe, (LEGACY, tool, speak)).await;
            assert_eq!(probe.log().await, ["done"], "{tool} {speak}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_ends_streams_and_answers() {
    for version in [MODERN, LEGACY] {
        for speak in [false, true] {
            let (service, probe) = service();
            let begun = Instant::now();
            let response = call(&service, version, "limited", speak).await;
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert!(body.contains("timed out after 30 s"), "{body}");
            assert!(body.contains(r#""isError":true"#), "{body}");
            assert_eq!(body.contains("notifications/progress"), speak);
            assert_eq!(begun.elapsed(), Duration::from_secs(30));
            assert!(probe.log().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_ends_a_legacy_call_without_a_client() {
    let (service, probe) = service();
    let reply = call(&service, LEGACY, "limited", true).await;
    Probe::wait(&probe.entered).await;
    let begun = Instant::now();
    drop(reply);
    assert!(probe.log().await.is_empty());
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
}
