//! What connections may cost, and what is left of them.

use crate::pipe::{Pipe, get};
use http_tests::{Client, Probe, governor, hyper, until, until_idle, used};
use mcp_tower::{HttpSse, core::governor::Budget};
use serde_json::json;

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let probe = Probe::default();
    let governor = governor(Budget::Streams, 10, 10);
    let service = probe.service().governor(governor.clone());
    let running = hyper(service.http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::in_session(running.address, json!({})).await;
    pipe.ask("resources/subscribe", json!({"uri": "doc://readme"}))
        .await;
    pipe.request("tools/call", json!({"name": "hold"})).await;
    probe.entered().await;
    for budget in [Budget::Streams, Budget::Rows, Budget::Calls] {
        assert_eq!(used(&governor, budget), 1, "{budget:?}");
    }
    let Pipe {
        stream,
        mut sender,
        target,
        ..
    } = pipe;
    drop(stream);
    probe.dropped().await;
    until_idle(&governor).await;
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let post = http_tests::Post::message(&ping).path(&target);
    assert_eq!(sender.send(&post).await.status, 404);
}

#[tokio::test]
async fn streams_are_bounded() {
    let governor = governor(Budget::Streams, 2, 2);
    let service = http_tests::server().governor(governor.clone());
    let running = hyper(service.http_sse(HttpSse::new())).await;
    let first = Pipe::open(running.address).await;
    let _second = Pipe::open(running.address).await;
    let mut client = Client::connect(running.address).await;
    let reply = client.send(&get("/mcp")).await;
    assert_eq!(reply.status, 429);
    assert!(reply.headers.contains_key("retry-after"));
    drop(first);
    until("there is room", async || {
        used(&governor, Budget::Streams) == 1
    })
    .await;
    Pipe::open(running.address).await;
}

#[tokio::test]
async fn calls_are_bounded_and_answers_are_not() {
    let probe = Probe::default();
    let service = probe.service().governor(governor(Budget::Calls, 1, 1));
    let running = hyper(service.http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::in_session(running.address, json!({})).await;
    let held = pipe.request("tools/call", json!({"name": "hold"})).await;
    probe.entered().await;
    let refused = pipe.ask("tools/list", json!({})).await;
    assert_eq!(refused["error"]["code"], -32603);
    pipe.send(json!({"jsonrpc": "2.0", "id": 5, "result": {}}))
        .await;
    probe.release();
    assert_eq!(pipe.read().await["id"], held);
}

/// A client that does not read its stream holds up its own calls, and stops them by going away.
#[tokio::test]
async fn a_stalled_stream_is_bounded_and_ends() {
    let probe = Probe::default();
    let governor = governor(Budget::Streams, 10, 10);
    let service = probe.service().governor(governor.clone());
    let running = hyper(service.http_sse(HttpSse::new())).await;
    let mut pipe = Pipe::in_session(running.address, json!({})).await;
    pipe.request("tools/call", json!({"name": "flood"})).await;
    probe.entered().await;
    assert!(used(&governor, Budget::QueuedBytes) <= 512 * 1024);
    // Others are served meanwhile.
    let mut other = Pipe::in_session(running.address, json!({})).await;
    assert_eq!(other.ask("ping", json!({})).await["result"], json!({}));
    drop((pipe, other));
    probe.dropped().await;
    until_idle(&governor).await;
}
