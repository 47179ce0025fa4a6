//! What becomes of handlers whose clients go away in the middle of a call.
#![cfg(feature = "testing")]
#![allow(missing_docs, clippy::unwrap_used)] // a failed test may panic

use mcp_tower::{
    Context, McpService, Server, State, ToolResult, mcp_tool,
    protocol::Revision,
    testing::{Call, TestClient},
};
use serde_json::json;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::Semaphore, time::Instant};

const MODERN: Revision = Revision::V2026_07_28;
const LEGACY: Revision = Revision::V2025_06_18;

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

fn client(revision: Revision) -> (TestClient, Probe) {
    let probe = Probe::new();
    let builder = Server::builder("s", "1").state(probe.clone());
    let server = builder.tool(ordinary).tool(lasting).tool(limited).build();
    let client = TestClient::over(McpService::new(server).without_sessions());
    let patience = Duration::from_secs(60);
    (client.revision(revision).patience(patience), probe)
}

fn call(client: &TestClient, tool: &str, speak: bool) -> Call<ToolResult> {
    client.call_tool(tool, json!({"speak": speak}))
}

/// What a handler notes whose client goes away in the middle: before its response, or after the
/// beginning of its stream.
async fn dropped_in_the_middle(revision: Revision, tool: &str, speak: bool) -> Vec<&'static str> {
    let (client, probe) = client(revision);
    let mut running = call(&client, tool, speak).start();
    if speak {
        running.progress().await;
    }
    Probe::wait(&probe.entered).await;
    running.disconnect();
    tokio::task::yield_now().await;
    probe.open.add_permits(1);
    probe.log().await
}

#[tokio::test]
async fn only_what_runs_to_completion_outlives_a_modern_client() {
    for speak in [false, true] {
        let log = dropped_in_the_middle(MODERN, "ordinary", speak).await;
        assert!(log.is_empty(), "{speak}");
        let log = dropped_in_the_middle(MODERN, "lasting", speak).await;
        assert_eq!(log, ["done", "cancelled"], "{speak}");
    }
}

#[tokio::test]
async fn a_legacy_client_that_goes_away_cancels_nothing() {
    for speak in [false, true] {
        for tool in ["ordinary", "lasting"] {
            let log = dropped_in_the_middle(LEGACY, tool, speak).await;
            assert_eq!(log, ["done"], "{tool} {speak}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_ends_streams_and_answers() {
    for revision in [MODERN, LEGACY] {
        for speak in [false, true] {
            let (client, probe) = client(revision);
            let begun = Instant::now();
            let answer = call(&client, "limited", speak).await;
            assert_eq!(answer.progress().len(), usize::from(speak));
            let failure = answer.expect_error();
            assert!(failure.is_for_the_model(), "{failure}");
            assert!(
                failure.message().contains("timed out after 30 s"),
                "{failure}"
            );
            assert_eq!(begun.elapsed(), Duration::from_secs(30));
            assert!(probe.log().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_ends_a_legacy_call_without_a_client() {
    let (client, probe) = client(LEGACY);
    let mut running = call(&client, "limited", true).start();
    running.progress().await;
    Probe::wait(&probe.entered).await;
    let begun = Instant::now();
    running.disconnect();
    assert!(probe.log().await.is_empty());
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
}
