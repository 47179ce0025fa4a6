//! One test for each way in which servers are known to lose sessions, their streams, or their memory.
//!
//! Rows are swept by a task in the background. Where a test needs to know that it has happened, it
//! takes a mount that can remember no ended session: a DELETE there sweeps, and is refused.

use http_tests::{
    Client, Event, Post, Probe, Running, all, builder, governor, hyper, open, peak, until,
    until_idle, used,
};
use mcp_tower::{
    Context, McpService, Server, SessionOptions, State,
    core::governor::{Budget, Governor},
    mcp_tool,
};
use serde_json::{Value, json};
use std::time::Duration;

const NEWEST: &str = "2025-11-25";

/// Speak, wait to be released, and speak again.
#[mcp_tool]
async fn speak_twice(State(probe): State<Probe>, cx: Context) -> &'static str {
    cx.progress(1.0).await;
    probe.hold().await;
    cx.progress(2.0).await;
    "said"
}

fn call(tool: &str, session: &str) -> Post {
    let params = json!({"name": tool, "arguments": {}, "_meta": {"progressToken": "p"}});
    Post::legacy("tools/call", params).session(session)
}

fn get(session: &str) -> Post {
    let get = Post::raw("").verb("GET").set("accept", "text/event-stream");
    get.session(session)
}

fn delete(session: &str) -> Post {
    Post::raw("").verb("DELETE").session(session)
}

fn set_level(level: &str, session: &str) -> Post {
    Post::legacy("logging/setLevel", json!({"level": level})).session(session)
}

fn subscribe(uri: &str, session: &str) -> Post {
    Post::legacy("resources/subscribe", json!({"uri": uri})).session(session)
}

fn cancel(session: &str) -> Post {
    Post::notification("notifications/cancelled", json!({"requestId": 1})).session(session)
}

async fn send(running: &Running, post: &Post) -> http_tests::Reply {
    Client::connect(running.address).await.send(post).await
}

/// Opens a stream and reads up to its first event with this much said.
async fn stream(running: &Running, post: &Post) -> Client {
    let mut client = Client::connect(running.address).await;
    client.write(post).await;
    assert_eq!(client.head().await.status, 200);
    client
}

/// The next event with a message.
async fn told(client: &mut Client) -> Event {
    loop {
        let event = client.named_event().await.unwrap();
        if event.message.is_some() {
            return event;
        }
    }
}

/// The text of the answer that ends a stream.
async fn answer(client: &mut Client) -> Value {
    loop {
        let mut message = client.event().await.unwrap();
        if message.get("method").is_none() {
            return message["result"]["content"][0]["text"].take();
        }
    }
}

/// A mount that forgets what it may forget as soon as it is swept, and a session that sweeps.
async fn forgetful(probe: &Probe) -> (McpService, Server, Governor, String) {
    let options = SessionOptions::new().idle(Duration::ZERO);
    let options = options.replay_time(Duration::ZERO).tombstones(0);
    let governor = Governor::default();
    let server = probe.builder().build();
    let service = McpService::new(server.clone());
    let service = service.sessions(options).governor(governor.clone());
    let broom = open(&service, NEWEST).await;
    (service, server, governor, broom)
}

/// Drops every row in which nothing is alive.
async fn sweep(running: &Running, broom: &str) {
    assert_eq!(send(running, &delete(broom)).await.status, 405);
}

/// How many messages a call is sent: two at `debug`, one at `info`, which is the default.
async fn messages(running: &Running, session: &str) -> usize {
    let reply = send(running, &call("talk", session)).await;
    let events = reply.events();
    let logs = events.iter().map(|event| &event["method"]);
    logs.filter(|method| *method == "notifications/message")
        .count()
}

#[tokio::test]
async fn a_rejected_get_leaves_nothing_behind() {
    let governor = Governor::default();
    let service = http_tests::server().governor(governor.clone());
    let session = open(&service, NEWEST).await;
    let get = || get(&session);
    let table = [
        ("no events wanted", get().set("accept", "text/html"), 406),
        ("no session", get().without("mcp-session-id"), 400),
        ("unknown session", get().session("made-up"), 404),
        ("someone else's", get().set("x-user", "bob"), 404),
        ("no event", get().set("last-event-id", "7"), 400),
        (
            "an unknown event",
            get().set("last-event-id", "0123456789abcdefc0.0"),
            400,
        ),
        (
            "self-contained",
            get().set("mcp-protocol-version", http_tests::MODERN),
            405,
        ),
        (
            "foreign page",
            get().set("origin", "https://evil.test"),
            403,
        ),
    ];
    for running in all(&service).await {
        for (why, post, status) in &table {
            assert_eq!(send(&running, post).await.status, *status, "{why}");
        }
    }
    until_idle(&governor).await;
    assert_eq!(peak(&governor, Budget::Rows), 0);
}

#[tokio::test]
async fn a_get_without_room_leaves_nothing_behind() {
    for (budget, other) in [
        (Budget::Streams, Budget::Rows),
        (Budget::Rows, Budget::Streams),
    ] {
        let governor = governor(budget, 0, usize::MAX);
        let running = hyper(http_tests::server().governor(governor.clone())).await;
        let mut client = Client::connect(running.address).await;
        let session = client.open(NEWEST).await;
        let refused = client.send(&get(&session)).await;
        assert_eq!(refused.status, 503);
        refused.header("retry-after");
        assert_eq!(used(&governor, other), 0);
        // The session does not mind.
        assert_eq!(messages(&running, &session).await, 1);
        assert_eq!(client.send(&delete(&session)).await.status, 204);
        until_idle(&governor).await;
    }
}

#[tokio::test]
async fn a_deleted_session_is_gone_with_all_that_is_alive_in_it() {
    let probe = Probe::default();
    let governor = Governor::default();
    let service = probe.service().governor(governor.clone());
    for running in all(&service).await {
        let session = open(&service, NEWEST).await;
        send(&running, &set_level("debug", &session)).await.result();
        let subscribed = subscribe("doc://readme", &session);
        send(&running, &subscribed).await.result();
        let mut standing = stream(&running, &get(&session)).await;
        let mut held = stream(&running, &call("hold_loudly", &session)).await;
        probe.entered().await;
        assert_eq!(used(&governor, Budget::Rows), 1);
        assert_eq!(send(&running, &delete(&session)).await.status, 204);
        // The handler is stopped, and both streams end.
        probe.dropped().await;
        while standing.named_event().await.is_some() {}
        while let Some(message) = held.event().await {
            assert!(message.get("result").is_none(), "{message}");
        }
        for post in [
            get(&session),
            delete(&session),
            set_level("debug", &session),
            call("add", &session),
        ] {
            assert_eq!(send(&running, &post).await.status, 404, "{}", running.name);
        }
        until_idle(&governor).await;
    }
}

#[tokio::test]
async fn a_session_is_not_idle_while_its_tool_runs() {
    let probe = Probe::default();
    let (service, server, governor, broom) = forgetful(&probe).await;
    for running in all(&service).await {
        let session = open(&service, NEWEST).await;
        send(&running, &set_level("debug", &session)).await.result();
        let subscribed = subscribe("doc://readme", &session);
        send(&running, &subscribed).await.result();
        let mut held = stream(&running, &call("hold_loudly", &session)).await;
        probe.entered().await;
        sweep(&running, &broom).await;
        assert_eq!(messages(&running, &session).await, 2, "{}", running.name);
        // The subscription is there, too.
        let mut standing = stream(&running, &get(&session)).await;
        server.resource_updated("doc://readme");
        let updated = told(&mut standing).await.message.unwrap();
        assert_eq!(updated["params"]["uri"], "doc://readme");
        drop(standing);
        // And the call can still be cancelled.
        assert_eq!(send(&running, &cancel(&session)).await.status, 202);
        probe.dropped().await;
        while held.named_event().await.is_some() {}
        // Now it is idle, and what nothing uses is forgotten.
        until("the row is dropped", async || {
            sweep(&running, &broom).await;
            used(&governor, Budget::Rows) == 0
        })
        .await;
        assert_eq!(messages(&running, &session).await, 1, "{}", running.name);
    }
}

#[tokio::test]
async fn an_open_get_is_life() {
    let probe = Probe::default();
    let (service, server, governor, broom) = forgetful(&probe).await;
    for running in all(&service).await {
        let session = open(&service, NEWEST).await;
        let mut standing = stream(&running, &get(&session)).await;
        let subscribed = subscribe("doc://readme", &session);
        send(&running, &subscribed).await.result();
        sweep(&running, &broom).await;
        server.resource_updated("doc://readme");
        let updated = told(&mut standing).await.message.unwrap();
        assert_eq!(updated["params"]["uri"], "doc://readme");
        drop(standing);
        until("the row is dropped", async || {
            sweep(&running, &broom).await;
            used(&governor, Budget::Rows) == 0
        })
        .await;
    }
}

#[tokio::test]
async fn a_stream_that_is_not_read_stops_nothing_else_of_its_session() {
    let probe = Probe::default();
    let server = probe.builder().build();
    let service = McpService::new(server.clone());
    for running in all(&service).await {
        let session = open(&service, NEWEST).await;
        let mut flooded = Client::connect(running.address).await;
        flooded.write(&call("flood", &session)).await;
        // Nothing of it goes out any more.
        probe.entered().await;
        let add = Post::legacy_call("add", json!({"a": 2, "b": 3})).session(&session);
        assert_eq!(send(&running, &add).await.text(), "5");
        assert_eq!(send(&running, &call("talk", &session)).await.text(), "told");
        let mut standing = stream(&running, &get(&session)).await;
        server.tools_changed();
        let changed = told(&mut standing).await.message.unwrap();
        assert_eq!(changed["method"], "notifications/tools/list_changed");
        assert_eq!(send(&running, &delete(&session)).await.status, 204);
        probe.dropped().await;
    }
}

#[tokio::test]
async fn a_post_stream_that_is_cut_keeps_what_comes_later() {
    let probe = Probe::default();
    let builder = builder().state(probe.clone());
    let service = McpService::new(builder.tool(speak_twice).build());
    for running in all(&service).await {
        let session = open(&service, NEWEST).await;
        let mut client = stream(&running, &call("speak_twice", &session)).await;
        let first = told(&mut client).await;
        probe.entered().await;
        drop(client);
        probe.release();
        probe.finished().await;
        let last = first.id.unwrap();
        let rest = send(&running, &get(&session).set("last-event-id", last)).await;
        let rest = rest.events();
        assert_eq!(rest[0]["params"]["progress"], 2.0);
        assert_eq!(rest[1]["result"]["content"][0]["text"], "said");
        assert_eq!(rest.len(), 2);
    }
}

#[tokio::test]
async fn what_happens_while_no_get_is_open_is_told_to_the_next_one() {
    let governor = Governor::default();
    let server = builder().build();
    let service = McpService::new(server.clone()).governor(governor.clone());
    for running in all(&service).await {
        for resumes in [false, true] {
            let session = open(&service, NEWEST).await;
            let subscribed = subscribe("doc://readme", &session);
            send(&running, &subscribed).await.result();
            let mut standing = stream(&running, &get(&session)).await;
            let primed = standing.named_event().await.unwrap();
            drop(standing);
            until("the connection is gone", async || {
                used(&governor, Budget::Streams) == 0
            })
            .await;
            server.prompts_changed();
            server.resource_updated("doc://readme");
            let mut next = get(&session);
            if resumes {
                next = next.set("last-event-id", primed.id.unwrap());
            }
            let mut standing = stream(&running, &next).await;
            let changed = told(&mut standing).await.message.unwrap();
            assert_eq!(changed["method"], "notifications/prompts/list_changed");
            let updated = told(&mut standing).await.message.unwrap();
            assert_eq!(updated["params"]["uri"], "doc://readme");
            send(&running, &delete(&session)).await;
            until_idle(&governor).await;
        }
    }
}

#[tokio::test]
async fn a_flood_of_initialize_evicts_nothing_and_keeps_nothing() {
    // One row is all there is, and it is taken.
    let governor = governor(Budget::Rows, 1, 1);
    let server = builder().build();
    let service = McpService::new(server.clone()).governor(governor.clone());
    let running = hyper(service).await;
    let mut client = Client::connect(running.address).await;
    let session = client.open(NEWEST).await;
    client.send(&set_level("debug", &session)).await.result();
    let mut standing = stream(&running, &get(&session)).await;
    let mut last = String::new();
    for _ in 0..2_000 {
        let opened = client.send(&Post::initialize(NEWEST)).await;
        assert_eq!(opened.status, 200);
        opened.header("mcp-session-id").clone_into(&mut last);
    }
    let rows = *governor.snapshot().usage(Budget::Rows);
    assert_eq!((rows.used, rows.peak), (1, 1));
    assert_eq!(rows.refused_share + rows.refused_total, 0);
    server.tools_changed();
    let changed = told(&mut standing).await.message.unwrap();
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    assert_eq!(messages(&running, &session).await, 2);
    // The last of them is a session like any other.
    assert_eq!(messages(&running, &last).await, 1);
}

#[tokio::test]
async fn sessions_and_silent_calls_keep_nothing() {
    let governor = Governor::default();
    let service = http_tests::server().governor(governor.clone());
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        for _ in 0..50 {
            let session = client.open(NEWEST).await;
            let add = Post::legacy_call("add", json!({"a": 2, "b": 3})).session(&session);
            for _ in 0..4 {
                assert_eq!(client.send(&add).await.text(), "5");
            }
        }
    }
    until_idle(&governor).await;
    for budget in [
        Budget::Rows,
        Budget::Streams,
        Budget::ReplayBytes,
        Budget::Questions,
    ] {
        assert_eq!(peak(&governor, budget), 0, "{}", budget.as_str());
    }
}

#[tokio::test]
async fn an_answer_is_found_by_whoever_waits_for_it() {
    let probe = Probe::default();
    let running = hyper(probe.service()).await;
    let mut client = Client::connect(running.address).await;
    let session = client.open(NEWEST).await;
    let mut cut = stream(&running, &call("hold_loudly", &session)).await;
    let first = told(&mut cut).await.id.unwrap();
    probe.entered().await;
    drop(cut);
    let resume = get(&session).set("last-event-id", first);
    let mut resumed = stream(&running, &resume).await;
    probe.release();
    assert_eq!(answer(&mut resumed).await, "held");
}
