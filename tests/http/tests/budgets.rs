//! Bursts above every budget of calls are answered, never dropped; whoever uses up its share takes
//! nothing from others; and afterwards nothing is held any more.

use http_tests::{Client, Post, Probe, Reply, all, governor, hyper, open, until, until_idle, used};
use mcp_tower::{
    Context, McpService, Server, SessionOptions, State, ToolError,
    governor::{Budget, Budgets, Governor},
    mcp_tool,
};
use serde_json::json;
use std::time::Duration;

/// Streams are forgotten when nobody reads them any more.
const NOTHING_KEPT: SessionOptions = SessionOptions::new().replay_time(Duration::ZERO);

fn by(user: &str, post: Post) -> Post {
    post.set("x-user", user)
}

fn add() -> Post {
    Post::call("add", json!({"a": 2, "b": 3}))
}

fn assert_refused(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert!(reply.header("retry-after").parse::<u32>().unwrap() > 0);
    let message = reply.message();
    assert_eq!(message["id"], 1, "{message}");
    assert_eq!(message["error"]["code"], -32603, "{message}");
}

#[tokio::test]
async fn calls_above_a_share_and_above_the_total_are_refused() {
    let (governor, probe) = (governor(Budget::Calls, 3, 2), Probe::default());
    let service = probe.service().governor(governor.clone());
    let session = open(&service, "2025-11-25").await;
    for running in all(&service).await {
        let mut held = Vec::new();
        for user in ["ada", "ada", "bob"] {
            let mut client = Client::connect(running.address).await;
            client.write(&by(user, Post::call("hold", json!({})))).await;
            probe.entered().await;
            held.push(client);
        }
        // Everybody who asks in a burst is told something, in either era and without an account.
        let mut burst = Vec::new();
        let ping = Post::legacy("ping", json!({})).session(&session);
        for (post, status) in [
            (by("ada", add()), 429),
            (by("bob", add()), 503),
            (add(), 503),
            (ping, 503),
            (Post::initialize("2025-06-18"), 503),
        ] {
            for _ in 0..8 {
                let mut client = Client::connect(running.address).await;
                client.write(&post).await;
                burst.push((client, status));
            }
        }
        for (mut client, status) in burst {
            assert_refused(&client.reply().await, status);
        }
        for mut client in held {
            probe.release();
            client.reply().await;
            probe.finished().await;
            probe.dropped().await;
        }
        until_idle(&governor).await;
        let mut client = Client::connect(running.address).await;
        assert_eq!(client.send(&by("ada", add())).await.text(), "5");
    }
    until_idle(&governor).await;
    let usage = *governor.snapshot().usage(Budget::Calls);
    assert_eq!((usage.peak, usage.payers), (3, 0));
    assert_eq!((usage.refused_share, usage.refused_total), (3 * 8, 3 * 32));
}

#[tokio::test]
async fn a_caller_who_has_used_up_a_share_takes_nothing_from_another() {
    let (governor, probe) = (governor(Budget::Calls, 100, 1), Probe::default());
    for running in all(&probe.service().governor(governor.clone())).await {
        let mut held = Client::connect(running.address).await;
        held.write(&by("ada", Post::call("hold", json!({})))).await;
        probe.entered().await;
        let mut client = Client::connect(running.address).await;
        for _ in 0..20 {
            assert_refused(&client.send(&by("ada", add())).await, 429);
            assert_eq!(client.send(&by("bob", add())).await.text(), "5");
            // By its address.
            assert_eq!(client.send(&add()).await.text(), "5");
        }
        probe.release();
        assert_eq!(held.reply().await.text(), "held");
        probe.finished().await;
        probe.dropped().await;
        until_idle(&governor).await;
    }
}

#[tokio::test]
async fn mounts_that_share_a_governor_share_its_budgets() {
    let (governor, probe) = (governor(Budget::Calls, 1, 1), Probe::default());
    let first = hyper(probe.service().governor(governor.clone())).await;
    let second = hyper(probe.service().mount("second").governor(governor.clone())).await;
    let mut held = Client::connect(first.address).await;
    held.write(&by("ada", Post::call("hold", json!({})))).await;
    probe.entered().await;
    let mut client = Client::connect(second.address).await;
    assert_refused(&client.send(&by("ada", add())).await, 429);
    drop(held);
    probe.dropped().await;
    until_idle(&governor).await;
    assert_eq!(client.send(&by("ada", add())).await.text(), "5");
}

#[tokio::test]
async fn a_call_that_goes_on_without_its_client_still_counts() {
    let (governor, probe) = (governor(Budget::Calls, 1, 1), Probe::default());
    let service = probe
        .service()
        .sessions(NOTHING_KEPT)
        .governor(governor.clone());
    let session = open(&service, "2025-11-25").await;
    let running = hyper(service).await;
    for tool in ["hold", "hold_loudly"] {
        let params = json!({"name": tool, "arguments": {}, "_meta": {"progressToken": 1}});
        let mut client = Client::connect(running.address).await;
        client
            .write(&Post::legacy("tools/call", params).session(&session))
            .await;
        probe.entered().await;
        drop(client);
        let mut other = Client::connect(running.address).await;
        assert_refused(&other.send(&add()).await, 429);
        probe.release();
        probe.finished().await;
        probe.dropped().await;
        until_idle(&governor).await;
    }
}

/// Do something that must not stop half way.
#[mcp_tool]
async fn save(State(probe): State<Probe>, cx: Context) {
    cx.finish(async move { probe.hold().await }).await;
}

#[tokio::test]
async fn work_that_must_not_stop_half_way_still_counts() {
    let (governor, probe) = (governor(Budget::Calls, 1, 1), Probe::default());
    let server = Server::builder("saving", "1")
        .state(probe.clone())
        .tool(save);
    let running = hyper(McpService::new(server.build()).governor(governor.clone())).await;
    let mut client = Client::connect(running.address).await;
    client.write(&Post::call("save", json!({}))).await;
    probe.entered().await;
    drop(client);
    let mut other = Client::connect(running.address).await;
    let ping = Post::modern("tools/list", json!({}));
    assert_refused(&other.send(&ping).await, 429);
    probe.release();
    probe.finished().await;
    until_idle(&governor).await;
    assert_eq!(other.send(&ping).await.status, 200);
}

/// Ask.
#[mcp_tool]
async fn ask(cx: Context) -> Result<&'static str, ToolError> {
    cx.elicit_url("pay", "Please pay", "https://pay.example.com/1")
        .await?;
    Ok("agreed")
}

#[tokio::test]
async fn answers_are_taken_when_there_is_no_room_for_calls() {
    let governor = governor(Budget::Calls, 1, 1);
    let server = Server::builder("asking", "1").tool(ask).build();
    let running = hyper(
        McpService::new(server)
            .sessions(NOTHING_KEPT)
            .governor(governor.clone()),
    )
    .await;
    let mut client = Client::connect(running.address).await;
    let initialize = Post::initialize("2025-11-25").edit(|message| {
        message["params"]["capabilities"] = json!({"elicitation": {"url": {}}});
    });
    let reply = client.send(&initialize).await;
    let session = reply.header("mcp-session-id");
    client
        .write(&Post::legacy_call("ask", json!({})).session(session))
        .await;
    client.head().await;
    let question = client.event().await.unwrap();
    assert_eq!(question["method"], "elicitation/create");
    let mut other = Client::connect(running.address).await;
    let ping = Post::legacy("ping", json!({})).session(session);
    assert_refused(&other.send(&ping).await, 429);
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept"}});
    let answered = other.send(&Post::message(&answer).session(session)).await;
    assert_eq!(answered.status, 202);
    assert!(client.event().await.unwrap()["result"].is_object());
    until_idle(&governor).await;
}

#[tokio::test]
async fn streams_have_a_budget_of_their_own() {
    let budgets = Budgets::new()
        .total(Budget::Streams, 3)
        .per_payer(Budget::Streams, 2)
        .per_payer(Budget::Calls, 1);
    let (governor, probe) = (Governor::new(budgets), Probe::default());
    let listen = Post::modern("subscriptions/listen", json!({"notifications": {}}));
    for running in all(&probe.service().governor(governor.clone())).await {
        let mut streams = Vec::new();
        for user in ["ada", "ada", "bob"] {
            let mut client = Client::connect(running.address).await;
            client.write(&by(user, listen.clone())).await;
            assert_eq!(client.head().await.status, 200);
            client.event().await.unwrap();
            streams.push(client);
        }
        let mut client = Client::connect(running.address).await;
        assert_refused(&client.send(&by("ada", listen.clone())).await, 429);
        assert_refused(&client.send(&by("bob", listen.clone())).await, 503);
        // A stream is no call.
        assert_eq!(client.send(&by("ada", add())).await.text(), "5");
        drop(streams);
        until_idle(&governor).await;
        client.write(&by("ada", listen.clone())).await;
        assert_eq!(client.head().await.status, 200);
        drop(client);
        until_idle(&governor).await;
    }
}

#[tokio::test]
async fn what_waits_for_a_slow_client_is_bounded_and_others_are_told_everything() {
    const SHARE: usize = 40 * 1024;
    let (governor, probe) = (
        governor(Budget::QueuedBytes, 10 * SHARE, SHARE),
        Probe::default(),
    );
    let meta = json!({"progressToken": "p", "io.modelcontextprotocol/logLevel": "warning"});
    let post = |tool: &str| {
        let params = json!({"name": tool, "arguments": {}});
        Post::modern_with("tools/call", params, meta.clone())
    };
    for running in all(&probe.service().governor(governor.clone())).await {
        let mut slow = Client::connect(running.address).await;
        slow.write(&by("ada", post("flood"))).await;
        // Nothing is read any more.
        probe.entered().await;
        let usage = *governor.snapshot().usage(Budget::QueuedBytes);
        assert!((1..=SHARE).contains(&usage.used), "{usage:?}");
        let mut other = Client::connect(running.address).await;
        let events = other.send(&by("bob", post("talk"))).await.events();
        assert_eq!(events.len(), 4, "{events:?}");
        // The same caller is still answered, in the end.
        assert_eq!(other.send(&by("ada", add())).await.text(), "5");
        drop(slow);
        probe.dropped().await;
        until_idle(&governor).await;
    }
    let usage = *governor.snapshot().usage(Budget::QueuedBytes);
    assert!(usage.peak <= SHARE + 4096, "{usage:?}");
}

#[tokio::test]
async fn bodies_that_nobody_finishes_are_bounded() {
    const SHARE: usize = 64 * 1024;
    let budgets = Budgets::new()
        .total(Budget::BodyBytes, 2 * SHARE)
        .per_payer(Budget::BodyBytes, SHARE);
    let (governor, probe) = (Governor::new(budgets), Probe::default());
    for running in all(&probe.service().governor(governor.clone())).await {
        // A part of a body, and never the rest.
        let started = |user: &str, length: usize| {
            let mut bytes = by(user, Post::raw(vec![b' '; SHARE * 2])).bytes();
            bytes.truncate(bytes.len() - 2 * SHARE + length);
            bytes
        };
        let mut slow = Client::connect(running.address).await;
        slow.write_bytes(&started("ada", SHARE - 16)).await;
        until("the bytes are held", async || {
            used(&governor, Budget::BodyBytes) == SHARE - 16
        })
        .await;
        let mut client = Client::connect(running.address).await;
        let reply = client.send(&by("ada", add())).await;
        assert_eq!(reply.status, 429, "{reply:?}");
        reply.header("retry-after");
        // A refused body is not read on.
        let mut client = Client::connect(running.address).await;
        assert_eq!(client.send(&by("bob", add())).await.text(), "5");
        let mut other = Client::connect(running.address).await;
        other.write_bytes(&started("bob", SHARE - 16)).await;
        until("the bytes are held", async || {
            used(&governor, Budget::BodyBytes) == 2 * SHARE - 32
        })
        .await;
        let mut client = Client::connect(running.address).await;
        assert_eq!(client.send(&add()).await.status, 503);
        drop((slow, other));
        until_idle(&governor).await;
        let mut client = Client::connect(running.address).await;
        assert_eq!(client.send(&by("ada", add())).await.text(), "5");
    }
}
