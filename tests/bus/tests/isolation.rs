//! Who shares a Redis and not a bus sees nothing of the other, and secrets stay where they are.
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use bus_tests::{RedisServer, in_time};
use mcp_tower::bus::{Bus, BusErrorKind, Delivery, RedisBus, RedisOptions, ReplicaId};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(3600);

/// Sends, remembers and appends on one bus; asserts that the other learns nothing.
async fn assert_apart(one: RedisOptions, other: RedisOptions) {
    let one = RedisBus::connect(one).await.unwrap();
    let other = RedisBus::connect(other).await.unwrap();
    let id = ReplicaId::random().unwrap();
    let mut deliveries = other.join(id).await.unwrap();
    one.broadcast("not for you".into()).await.unwrap();
    one.remember("key", "not for you".into(), LONG)
        .await
        .unwrap();
    one.append("log", vec!["not for you".into()], LONG)
        .await
        .unwrap();
    let unreachable = one.send(id, "not for you".into()).await.unwrap_err();
    assert_eq!(unreachable.kind(), BusErrorKind::Unreachable);
    // What went astray would come before this.
    other.send(id, "for you".into()).await.unwrap();
    assert_eq!(
        in_time(deliveries.next()).await,
        Some(Delivery::Message("for you".into()))
    );
    assert_eq!(other.facts().await.unwrap(), []);
    let unknown = other.read("log", 0, LONG).await.unwrap_err();
    assert_eq!(unknown.kind(), BusErrorKind::Unknown);
}

#[tokio::test]
async fn prefixes_keep_servers_apart() {
    let server = RedisServer::start();
    assert_apart(
        server.options().prefix("one"),
        server.options().prefix("two"),
    )
    .await;
    assert_apart(
        server.options().prefix("a.log"),
        server.options().prefix("a"),
    )
    .await;
}

/// Redis itself has one set of channels for all of its databases.
#[tokio::test]
async fn databases_keep_servers_apart() {
    let server = RedisServer::start();
    let of_database = |number: u8| {
        let url = format!("{}?db={number}", server.url());
        RedisOptions::new(url).timeout(Duration::from_secs(10))
    };
    assert_apart(of_database(1), of_database(2)).await;
}

#[tokio::test]
async fn what_makes_no_sense_is_told_at_once() {
    let long = "p".repeat(65);
    for prefix in ["", "a:b", "a b", "ä", &long] {
        let options = RedisOptions::new("redis://127.0.0.1").prefix(prefix);
        let error = RedisBus::new(options).unwrap_err();
        assert_eq!(error.kind(), BusErrorKind::Misconfigured, "{prefix:?}");
    }
    for url in ["", "127.0.0.1:6379", "http://127.0.0.1"] {
        let error = RedisBus::new(url).unwrap_err();
        assert_eq!(error.kind(), BusErrorKind::Misconfigured, "{url:?}");
    }
}

#[tokio::test]
async fn passwords_are_used_and_never_shown() {
    let server = RedisServer::with_password("hunter2");
    let bus = RedisBus::connect(server.options()).await.unwrap();
    bus.broadcast("works".into()).await.unwrap();
    let wrong = server.url().replace("hunter2", "swordfish");
    let without = server.url().replace("?pass=hunter2", "");
    let mut shown = format!("{bus:?} {:?}", server.options());
    for url in [wrong, without, "redis://me:swordfish@:hunter2".to_owned()] {
        let error = RedisBus::connect(url).await.unwrap_err();
        shown += &format!(" {error} {error:?}");
    }
    for secret in ["hunter2", "swordfish"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
