//! Limits on calls per time: around HTTP, a server and a tool, in both eras, by a clock that only
//! moves when it is told to.

use axum::Router;
use http_tests::{
    Case, Client, Post, Reply, Running, all, builder, outside, serve_axum, serve_hyper, server,
};
use mcp_tower::{
    Context, McpLayer, McpService, Principal, mcp_tool,
    rate_limit::{Quota, RateKey, RateLimitLayer},
    serve,
};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tower::{ServiceBuilder, util::MapRequestLayer};

/// A clock that stands still.
#[derive(Clone)]
struct Clock {
    start: Instant,
    milliseconds: Arc<AtomicU64>,
}

impl Clock {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            milliseconds: Arc::default(),
        }
    }

    fn advance(&self, milliseconds: u64) {
        self.milliseconds.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn layer(&self, quota: Quota, key: RateKey) -> RateLimitLayer {
        let Self {
            start,
            milliseconds,
        } = self.clone();
        RateLimitLayer::new(quota, key)
            .clock(move || start + Duration::from_millis(milliseconds.load(Ordering::Relaxed)))
    }
}

/// Two calls at once, then one every two seconds.
const QUOTA: Quota = Quota::per_minute(30).burst(2);

fn add(user: &str) -> Post {
    Post::call("add", json!({"a": 2, "b": 3})).set("x-user", user)
}

async fn connect(running: &Running) -> Client {
    Client::connect(running.address).await
}

/// The status, and what a refusal says.
fn refused(reply: &Reply, after: &str, what: &str) {
    assert_eq!(reply.status, 429, "{what}: {reply:?}");
    assert_eq!(reply.header("retry-after"), after, "{what}");
    assert_eq!(reply.header("content-type"), "application/json");
    let message = reply.json();
    assert_eq!(message["error"]["code"], -32603, "{what}");
    assert_eq!(message["error"]["message"], "too many requests", "{what}");
}

/// An application with a limit around its endpoint, inside of what knows who calls.
async fn around_http(service: McpService, layer: RateLimitLayer) -> Running {
    let app = Router::new()
        .route("/", axum::routing::get(|| async { "home" }))
        .layer(McpLayer::new(service))
        .layer(layer)
        .layer(MapRequestLayer::new(outside::<_>));
    serve_axum(app).await
}

/// Talk, then answer.
#[mcp_tool]
async fn aloud(cx: Context) -> &'static str {
    cx.log(mcp_tower::LogLevel::Emergency, "aloud").await;
    "told"
}

/// Each caller has two calls, and gets one back after two seconds.
async fn two_at_once(running: &Running, clock: &Clock, post: impl Fn(&str) -> Post, has_id: bool) {
    let name = running.name;
    let mut client = connect(running).await;
    for _ in 0..2 {
        assert_eq!(client.send(&post("ada")).await.status, 200, "{name}");
    }
    let reply = client.send(&post("ada")).await;
    refused(&reply, "2", name);
    let id = has_id.then(|| json!(1));
    assert_eq!(reply.json().get("id"), id.as_ref(), "{name}");
    clock.advance(999);
    refused(&client.send(&post("ada")).await, "2", "rounded up");
    clock.advance(1);
    refused(&client.send(&post("ada")).await, "1", "a second is left");
    // Another caller, on the same connection, has its own.
    assert_eq!(client.send(&post("bob")).await.status, 200, "{name}");
    clock.advance(1_000);
    assert_eq!(client.send(&post("ada")).await.status, 200, "{name}");
    refused(&client.send(&post("ada")).await, "2", "one came back");
    clock.advance(60_000);
}

#[tokio::test]
async fn every_height_refuses_alike() {
    let clock = Clock::new();
    let layer = || clock.layer(QUOTA, RateKey::principal());
    let around_server = McpService::new(builder().tool(aloud).layer(layer()).build());
    let around_tool = builder().tool_with(aloud, layer()).build();
    let loud = |user: &str| Post::call("aloud", json!({})).set("x-user", user);
    for running in all(&around_server).await {
        two_at_once(&running, &clock, add, true).await;
        two_at_once(&running, &clock, loud, true).await;
    }
    for running in all(&McpService::new(around_tool)).await {
        two_at_once(&running, &clock, loud, true).await;
        // The others have no limit.
        let mut client = connect(&running).await;
        for _ in 0..5 {
            assert_eq!(client.send(&add("ada")).await.text(), "5");
        }
    }
    let app = ServiceBuilder::new()
        .layer(MapRequestLayer::new(outside::<_>))
        .layer(layer())
        .layer(McpLayer::new(server()))
        .service(serve::not_found());
    let running = serve_hyper(app).await;
    two_at_once(&running, &clock, add, false).await;
    let running = around_http(server(), layer()).await;
    two_at_once(&running, &clock, add, false).await;
    let home = |user: &str| Post::raw("").verb("GET").path("/").set("x-user", user);
    two_at_once(&running, &clock, home, false).await;
}

#[tokio::test]
async fn sessions_are_told_with_a_status_too() {
    let clock = Clock::new();
    let layer = clock.layer(QUOTA, RateKey::session());
    let service = McpService::new(builder().layer(layer).build());
    for running in all(&service).await {
        let mut client = connect(&running).await;
        let first = client.open("2025-11-25").await;
        let second = client.open("2025-11-25").await;
        let ping = |session: &str| Post::legacy("ping", json!({})).session(session);
        // `initialize` itself belongs to no session yet: both came from one address.
        let handshake = client.send(&Post::initialize("2025-11-25")).await;
        refused(&handshake, "2", running.name);
        assert!(!handshake.headers.contains_key("mcp-session-id"));
        for session in [&first, &second] {
            for _ in 0..2 {
                assert_eq!(client.send(&ping(session)).await.status, 200);
            }
            refused(&client.send(&ping(session)).await, "2", running.name);
        }
        // Not 404: the session is alive and goes on.
        clock.advance(2_000);
        assert_eq!(client.send(&ping(&first)).await.status, 200);
        clock.advance(60_000);
    }
}

#[tokio::test]
async fn addresses_and_callers_are_counted_where_they_are_known() {
    let clock = Clock::new();
    let strangers = RateKey::address().only(|caller| *caller.principal() == Principal::Anonymous);
    let service = McpService::new(builder().layer(clock.layer(QUOTA, strangers)).build());
    for running in all(&service).await {
        let (mut one, mut other) = (connect(&running).await, connect(&running).await);
        let anonymous = add("x").without("x-user");
        // Both connections come from one address.
        assert_eq!(one.send(&anonymous).await.status, 200);
        assert_eq!(other.send(&anonymous).await.status, 200);
        refused(&one.send(&anonymous).await, "2", running.name);
        // Whoever has a name is not counted.
        for _ in 0..5 {
            assert_eq!(one.send(&add("ada")).await.status, 200);
        }
        clock.advance(60_000);
    }
}

#[tokio::test]
async fn operations_are_counted_by_name() {
    let clock = Clock::new();
    let key = RateKey::principal().and(RateKey::operation());
    let service = McpService::new(builder().layer(clock.layer(QUOTA, key)).build());
    let list = Post::modern("tools/list", json!({}));
    let total = Post::call("total", json!({"numbers": [1]}));
    let page = |number: u8| {
        let params = json!({"uri": format!("page://{number}")});
        Post::modern("resources/read", params)
    };
    for running in all(&service).await {
        let mut client = connect(&running).await;
        for post in [&add("ada"), &total, &list] {
            for _ in 0..2 {
                assert_eq!(client.send(post).await.status, 200, "{}", running.name);
            }
            refused(&client.send(post).await, "2", running.name);
        }
        // Resources are one operation, whatever their URI.
        for number in 0..2 {
            assert_eq!(client.send(&page(number)).await.status, 200);
        }
        refused(&client.send(&page(2)).await, "2", running.name);
        clock.advance(60_000);
    }
}

#[tokio::test]
async fn mounts_of_one_server_are_counted_apart() {
    let clock = Clock::new();
    let layer = clock.layer(QUOTA, RateKey::everybody());
    let server = builder().layer(layer).build();
    let one = http_tests::hyper(McpService::new(server.clone()).mount("one")).await;
    let other = http_tests::hyper(McpService::new(server).mount("other")).await;
    for running in [&one, &other] {
        let mut client = connect(running).await;
        for user in ["ada", "bob"] {
            assert_eq!(client.send(&add(user)).await.status, 200);
        }
        refused(&client.send(&add("eve")).await, "2", running.name);
    }
}

#[tokio::test]
async fn clones_share_and_keys_of_ones_own_work() {
    let clock = Clock::new();
    // Per tenant, which outer layers put beside the request: here there is only one.
    let key = RateKey::from_fn(|caller| {
        let tenant = caller.extensions().get::<http_tests::Tenant>();
        tenant.map(|tenant| tenant.0)
    });
    let layer = clock.layer(QUOTA, key);
    let server = builder()
        .tool_with(aloud, layer.clone())
        .tool_with(whisper, layer)
        .build();
    let whispered = |user: &str| Post::call("whisper", json!({})).set("x-user", user);
    for running in all(&McpService::new(server)).await {
        let mut client = connect(&running).await;
        assert_eq!(client.send(&whispered("ada")).await.status, 200);
        let loud = Post::call("aloud", json!({}));
        assert_eq!(client.send(&loud).await.status, 200);
        refused(&client.send(&whispered("bob")).await, "2", running.name);
        clock.advance(60_000);
    }
}

/// Answer and say nothing else.
#[mcp_tool]
async fn whisper() -> &'static str {
    "told"
}

#[tokio::test]
async fn a_flood_of_callers_stays_within_one_quota() {
    let clock = Clock::new();
    let layer = clock.layer(QUOTA, RateKey::principal()).max_keys(1);
    let service = McpService::new(builder().layer(layer).build());
    let running = http_tests::hyper(service).await;
    let mut client = connect(&running).await;
    assert_eq!(client.send(&add("ada")).await.status, 200);
    let mut served = 0;
    for number in 0..20 {
        let reply = client.send(&add(&format!("flood-{number}"))).await;
        served += u32::from(reply.status == 200);
    }
    assert_eq!(served, 2, "they share one quota");
    assert_eq!(
        client.send(&add("ada")).await.status,
        200,
        "hers is her own"
    );
    refused(&client.send(&add("ada")).await, "2", "and used up");
    // Whoever was refused lost nothing else: the connection goes on, and so does time.
    clock.advance(4_000);
    let case = Case::served("later", add("ada"));
    http_tests::check_on(&running, &[case]).await;
}
