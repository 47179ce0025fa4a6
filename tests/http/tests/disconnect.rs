//! What ends a call from outside: a client that goes away, `notifications/cancelled`, a time limit.
//! Each takes effect even when the client has stopped reading.

use http_tests::{Client, Head, Post, Probe, Running, all, open};
use mcp_tower::{Context, McpService, Server, mcp_tool};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{task::coop::consume_budget, time::timeout};
use tower::ServiceExt;

fn modern(tool: &str) -> Post {
    let params = json!({"name": tool, "arguments": {}});
    let meta = json!({"progressToken": "p", "io.modelcontextprotocol/logLevel": "error"});
    Post::modern_with("tools/call", params, meta)
}

fn legacy(tool: &str, session: &str) -> Post {
    let params = json!({"name": tool, "arguments": {}, "_meta": {"progressToken": "p"}});
    Post::legacy("tools/call", params).session(session)
}

fn cancel(id: Value, session: &str) -> Post {
    Post::notification("notifications/cancelled", json!({"requestId": id})).session(session)
}

/// Starts a call and waits until its handler runs.
async fn start(running: &Running, probe: &Probe, post: &Post) -> Client {
    let mut client = Client::connect(running.address).await;
    client.write(post).await;
    probe.entered().await;
    client
}

/// Starts a call and waits for the head of its stream and its first event.
async fn start_stream(running: &Running, probe: &Probe, post: &Post) -> Client {
    let mut client = start(running, probe, post).await;
    let Head { status, headers } = client.head().await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "text/event-stream");
    let event = client.event().await.unwrap();
    assert_eq!(event["method"], "notifications/progress");
    client
}

#[tokio::test]
async fn a_modern_call_ends_with_its_connection() {
    let probe = Probe::default();
    for running in all(&probe.service()).await {
        drop(start(&running, &probe, &modern("hold")).await);
        probe.dropped().await;
    }
}

#[tokio::test]
async fn a_modern_stream_ends_with_its_connection() {
    let probe = Probe::default();
    for running in all(&probe.service()).await {
        drop(start_stream(&running, &probe, &modern("hold_loudly")).await);
        probe.dropped().await;
    }
}

#[tokio::test]
async fn a_modern_client_that_has_stopped_reading_goes_away() {
    let probe = Probe::default();
    for running in all(&probe.service()).await {
        drop(start(&running, &probe, &modern("flood")).await);
        probe.dropped().await;
    }
}

#[tokio::test]
async fn a_legacy_call_outlives_its_connection() {
    let probe = Probe::default();
    let service = probe.service();
    let session = open(&service, "2025-11-25").await;
    for running in all(&service).await {
        for tool in ["hold", "hold_loudly"] {
            let client = match tool {
                "hold" => start(&running, &probe, &legacy(tool, &session)).await,
                _ => start_stream(&running, &probe, &legacy(tool, &session)).await,
            };
            drop(client);
            // The session is served meanwhile.
            let ping = Post::legacy("ping", json!({})).session(&session);
            let mut other = Client::connect(running.address).await;
            assert_eq!(other.send(&ping).await.result(), json!({}));
            probe.release();
            probe.finished().await;
            probe.dropped().await;
        }
    }
}

#[tokio::test]
async fn a_legacy_call_outlives_its_response() {
    let probe = Probe::default();
    let service = probe.service();
    let session = open(&service, "2025-11-25").await;
    // The future of the response is dropped, as a server does whose client is gone…
    let request = legacy("hold", &session).request();
    let response = tokio::spawn(service.clone().oneshot(request));
    probe.entered().await;
    response.abort();
    assert!(response.await.unwrap_err().is_cancelled());
    probe.release();
    probe.finished().await;
    probe.dropped().await;
    // …or the body of one that has begun.
    let request = legacy("hold_loudly", &session).request();
    drop(service.oneshot(request).await.unwrap());
    probe.entered().await;
    probe.release();
    probe.finished().await;
}

#[tokio::test]
async fn a_modern_call_ends_with_its_response() {
    let probe = Probe::default();
    let service = probe.service();
    let response = tokio::spawn(service.clone().oneshot(modern("hold").request()));
    probe.entered().await;
    response.abort();
    probe.dropped().await;
    drop(
        service
            .oneshot(modern("hold_loudly").request())
            .await
            .unwrap(),
    );
    probe.dropped().await;
}

#[tokio::test]
async fn a_session_can_cancel_a_call() {
    let probe = Probe::default();
    let service = probe.service();
    for (version, tool) in [("2025-11-25", "hold"), ("2024-11-05", "hold_loudly")] {
        let session = open(&service, version).await;
        for running in all(&service).await {
            let post = legacy(tool, &session).id(json!("call"));
            let mut call = start(&running, &probe, &post).await;
            let mut other = Client::connect(running.address).await;
            // Neither another id nor the same one of another type is meant.
            for id in [json!("other"), json!(1), Value::Null] {
                assert_eq!(other.send(&cancel(id, &session)).await.status, 202);
            }
            let cancelled = other.send(&cancel(json!("call"), &session)).await;
            assert_eq!(cancelled.status, 202);
            probe.dropped().await;
            // No answer is owed: the stream ends without one.
            call.head().await;
            while let Some(event) = call.event().await {
                assert_eq!(event["method"], "notifications/progress");
            }
            // The connection is still good.
            let post = Post::legacy_call("add", json!({"a": 2, "b": 3}));
            assert_eq!(call.send(&post.session(&session)).await.text(), "5");
        }
    }
}

#[tokio::test]
async fn a_session_can_cancel_a_call_that_nobody_reads() {
    let probe = Probe::default();
    let service = probe.service();
    let session = open(&service, "2025-11-25").await;
    for running in all(&service).await {
        let call = start(&running, &probe, &legacy("flood", &session)).await;
        let mut other = Client::connect(running.address).await;
        let cancelled = other.send(&cancel(json!(1), &session)).await;
        assert_eq!(cancelled.status, 202);
        probe.dropped().await;
        drop(call);
    }
}

#[tokio::test]
async fn sessions_with_the_same_ids_do_not_touch_each_other() {
    let probe = Probe::default();
    let service = probe.service();
    let mine = open(&service, "2025-11-25").await;
    let other = open(&service, "2025-11-25").await;
    for running in all(&service).await {
        let mut first = start(&running, &probe, &legacy("hold", &mine)).await;
        let mut second = start(&running, &probe, &legacy("hold", &other)).await;
        let mut canceller = Client::connect(running.address).await;
        canceller.send(&cancel(json!(1), &mine)).await;
        probe.dropped().await;
        // The first call has ended without an answer…
        first.head().await;
        assert_eq!(first.event().await, None);
        // …and the second, with the same id, is answered.
        probe.release();
        assert_eq!(second.reply().await.text(), "held");
        probe.finished().await;
        probe.dropped().await;
    }
}

#[tokio::test]
async fn another_caller_cannot_cancel() {
    let probe = Probe::default();
    let service = probe.service();
    let session = open(&service, "2025-11-25").await;
    for running in all(&service).await {
        let mut call = start(&running, &probe, &legacy("hold", &session)).await;
        let mut other = Client::connect(running.address).await;
        let foreign = cancel(json!(1), &session).set("x-user", "bob");
        assert_eq!(other.send(&foreign).await.status, 404);
        // A self-contained notification is about nothing that runs here.
        let modern = cancel(json!(1), &session).set("mcp-protocol-version", "2026-07-28");
        assert_eq!(other.send(&modern).await.status, 202);
        probe.release();
        assert_eq!(call.reply().await.text(), "held");
        probe.finished().await;
        probe.dropped().await;
    }
}

#[tokio::test]
async fn a_time_limit_ends_calls_of_both_eras() {
    let probe = Probe::default();
    let limit = Duration::from_millis(30);
    let service = McpService::new(probe.builder().timeout(limit).build());
    let session = open(&service, "2025-11-25").await;
    for running in all(&service).await {
        for tool in ["hold", "hold_loudly"] {
            for post in [modern(tool), legacy(tool, &session)] {
                let mut client = start(&running, &probe, &post).await;
                let reply = client.reply().await;
                probe.dropped().await;
                let streams = tool == "hold_loudly";
                let events = reply.header("content-type") == "text/event-stream";
                assert_eq!(events, streams, "{}", running.name);
                // A model can act on it.
                assert_eq!(reply.result()["isError"], true, "{}", running.name);
                assert!(reply.text().starts_with("timed out"));
            }
        }
    }
}

#[tokio::test]
async fn a_time_limit_ends_a_call_that_nobody_reads() {
    let probe = Probe::default();
    let limit = Duration::from_millis(300);
    let service = McpService::new(probe.builder().timeout(limit).build());
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        client.write(&modern("flood")).await;
        probe.dropped().await;
        drop(client);
    }
}

/// Never rest, and never wait for anything either.
#[mcp_tool]
async fn spin() -> &'static str {
    loop {
        consume_budget().await;
    }
}

#[tokio::test]
async fn a_time_limit_ends_a_call_that_never_waits() {
    let limit = Duration::from_millis(30);
    let server = Server::builder("busy", "1").tool(spin).timeout(limit);
    let service = McpService::new(server.build());
    let reply = service.oneshot(modern("spin").request());
    let reply = timeout(Duration::from_secs(20), reply).await;
    assert_eq!(
        reply.expect("the limit has no effect").unwrap().status(),
        200
    );
}

/// Report progress without a pause, and tell whether anybody else could run meanwhile.
#[mcp_tool]
async fn report(cx: Context) -> String {
    let other = tokio::spawn(async {});
    for step in 0..10_000_u32 {
        cx.progress(step.into()).await;
    }
    other.is_finished().to_string()
}

#[tokio::test]
async fn a_call_that_reports_without_a_pause_lets_others_run() {
    let service = McpService::new(Server::builder("busy", "1").tool(report).build());
    let running = http_tests::hyper(service).await;
    let mut client = Client::connect(running.address).await;
    let quiet = Post::call("report", json!({}));
    for post in [modern("report"), quiet] {
        assert_eq!(client.send(&post).await.text(), "true");
    }
}
