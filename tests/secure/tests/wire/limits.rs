//! Limits of rate and size.

use secure::{Clock, Rates};
use secure_tests::{Reply, System};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

/// A server whose time stands still until it is told to go on.
async fn frozen(change: impl Fn(&mut Rates)) -> (System, Arc<AtomicU64>) {
    let now = Arc::new(AtomicU64::new(Clock::system().now()));
    let told = now.clone();
    let system = System::with(|options| {
        options.clock = Clock::new(move || told.load(Ordering::SeqCst));
        change(&mut options.rates);
    })
    .await;
    (system, now)
}

/// Too many; and how long to wait.
fn wait_of(reply: &Reply) -> u64 {
    assert_eq!(reply.status, 429);
    reply.header("retry-after").parse().unwrap()
}

#[tokio::test]
async fn strangers_have_thirty_requests_a_minute() {
    let (system, now) = frozen(|rates| rates.stranger = Rates::default().stranger).await;
    let ask = || async { system.mcp(None).bare("GET", &[]).await };
    for _ in 0..30 {
        assert_eq!(ask().await.status, 401);
    }
    let wait = wait_of(&ask().await);
    assert_eq!(wait, 2);
    // Who has a token is no stranger.
    let token = system.grant("ada", "notes:read").await.access;
    let answer = system.mcp(Some(&token)).call("whoami", json!({})).await;
    assert_eq!(answer.status, 200);
    now.fetch_add(wait, Ordering::SeqCst);
    assert_eq!(ask().await.status, 401);
}

#[tokio::test]
async fn a_subject_has_a_burst_and_then_waits() {
    let (system, now) = frozen(|rates| {
        rates.subject = Rates::default().subject;
        rates.burst = Rates::default().burst;
    })
    .await;
    let ada = system.grant("ada", "notes:read").await.access;
    let grace = system.grant("grace", "notes:read").await.access;
    let ask = |token: &str| {
        let mcp = system.mcp(Some(token));
        async move {
            mcp.modern("tools/call", Some("whoami"), json!({"name": "whoami"}))
                .await
        }
    };
    for _ in 0..30 {
        assert_eq!(ask(&ada).await.status, 200);
    }
    let refused = ask(&ada).await;
    let wait = wait_of(&refused);
    let error = refused.json().await;
    assert_eq!(error["id"], 1, "{error}");
    // Other tokens of the same subject count with it; another subject does not.
    let again = system.grant("ada", "notes:read").await.access;
    assert_eq!(ask(&again).await.status, 429);
    assert_eq!(ask(&grace).await.status, 200);
    now.fetch_add(wait, Ordering::SeqCst);
    assert_eq!(ask(&ada).await.status, 200);
}

#[tokio::test]
async fn a_tool_may_have_a_limit_of_its_own() {
    let (system, now) = frozen(|rates| rates.write = Rates::default().write).await;
    let token = system.grant("ada", "notes:write").await.access;
    let ada = system.mcp(Some(&token));
    let write = || {
        let params = json!({"name": "notes_write", "arguments": {"title": "t", "text": ""}});
        ada.modern("tools/call", Some("notes_write"), params)
    };
    for _ in 0..20 {
        assert_eq!(write().await.status, 200);
    }
    let wait = wait_of(&write().await);
    assert_eq!(ada.call("notes_list", json!({})).await.status, 200);
    now.fetch_add(wait, Ordering::SeqCst);
    assert_eq!(write().await.status, 200);
}

#[tokio::test]
async fn a_subject_has_eight_calls_at_once() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let ada = system.mcp(Some(&token));
    let count = || async {
        let params = json!({"name": "slow_count", "arguments": {"to": 1_000, "pause": 10_000}});
        ada.reporting("slow_count", params).await
    };
    let mut running = Vec::new();
    for _ in 0..8 {
        let mut call = count().await;
        assert_eq!(
            call.next_message().await.unwrap()["method"],
            "notifications/progress"
        );
        running.push(call);
    }
    assert_eq!(wait_of(&count().await), 1);
    let other = system.grant("grace", "notes:read").await.access;
    let answer = system.mcp(Some(&other)).call("whoami", json!({})).await;
    assert_eq!(answer.status, 200);
    // Who hangs up makes room, as soon as the server has noticed.
    drop(running.pop());
    let room = async {
        while ada.call("whoami", json!({})).await.status == 429 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), room).await.unwrap();
}

#[tokio::test]
async fn a_subject_has_four_streams_that_wait() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let mut ada = system.mcp(Some(&token));
    ada.initialize().await;
    let notices = ada.bare("GET", &[]).await;
    assert_eq!(notices.status, 200);
    let listen = || {
        let params = json!({"notifications": {"toolsListChanged": true}});
        ada.modern("subscriptions/listen", None, params)
    };
    let mut open = vec![notices];
    for _ in 0..3 {
        open.push(listen().await);
    }
    assert!(open.iter().all(|stream| stream.status == 200));
    assert_eq!(wait_of(&listen().await), 30);
    assert_eq!(ada.call("whoami", json!({})).await.status, 200);
}

#[tokio::test]
async fn the_issuer_has_limits_of_its_own() {
    let (system, now) = frozen(|rates| rates.issuer = Rates::default().issuer).await;
    for path in ["/register", "/token"] {
        for _ in 0..10 {
            let reply = system.client.post_json(path, &json!({})).await;
            assert_eq!(reply.status, 400, "{path}");
        }
        let reply = system.client.post_json(path, &json!({})).await;
        assert_eq!(wait_of(&reply), 6);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
    now.fetch_add(6, Ordering::SeqCst);
    assert_eq!(system.register().await.secret, None);
}

#[tokio::test]
async fn a_body_is_read_up_to_a_mebibyte() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let mut ada = system.mcp(Some(&token));
    ada.initialize().await;
    // Five strings, each within its own limit.
    let padded = |bytes: usize| {
        let params = json!({"_meta": {"a": "", "b": "", "c": "", "d": "", "e": ""}});
        let mut message = json!({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": params});
        let mut missing = bytes - message.to_string().len();
        for name in ["a", "b", "c", "d", "e"] {
            let part = missing.min(256 * 1024);
            message["params"]["_meta"][name] = Value::from("x".repeat(part));
            missing -= part;
        }
        assert_eq!(message.to_string().len(), bytes);
        message
    };
    assert_eq!(ada.post(&padded(1024 * 1024)).await.status, 200);
    assert_eq!(ada.post(&padded(1024 * 1024 + 1)).await.status, 413);
    let long = "x".repeat(256 * 1024 + 1);
    let long =
        json!({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"_meta": {"x": long}}});
    assert_eq!(ada.post(&long).await.status, 413);
    let mut deep = json!(0);
    for _ in 0..70 {
        deep = json!([deep]);
    }
    assert_eq!(
        ada.post(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"deep": deep}}))
            .await
            .status,
        400
    );
}
