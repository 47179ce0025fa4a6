//! What happens while Redis is away, and when it is back.
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use bus_tests::{RedisServer, in_time};
use mcp_tower::bus::{Bus, BusError, BusErrorKind, Delivery, RedisBus, ReplicaId};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(3600);

#[track_caller]
fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, BusError>) {
    assert_eq!(result.unwrap_err().kind(), BusErrorKind::Unavailable);
}

async fn every_operation_is_unavailable(bus: &RedisBus) {
    assert_unavailable(bus.broadcast("lost".into()).await);
    assert_unavailable(bus.send(ReplicaId::random().unwrap(), "lost".into()).await);
    assert_unavailable(bus.remember("key", "lost".into(), LONG).await);
    assert_unavailable(bus.forget("key").await);
    assert_unavailable(bus.facts().await);
    assert_unavailable(bus.append("log", vec!["lost".into()], LONG).await);
    assert_unavailable(bus.read("log", 0, LONG).await);
    assert_unavailable(bus.join(ReplicaId::random().unwrap()).await);
}

/// Broadcasts until it works: nobody says when the bus has reconnected.
async fn broadcast_when_back(bus: &RedisBus, message: &'static str) {
    let back = async {
        while let Err(error) = bus.broadcast(message.into()).await {
            assert_eq!(error.kind(), BusErrorKind::Unavailable, "{error:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    in_time(back).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_dies_is_missed_clearly_and_found_again() {
    let mut server = RedisServer::start();
    let bus = RedisBus::connect(server.options()).await.unwrap();
    let other = bus.clone();
    let id = ReplicaId::random().unwrap();
    let mut deliveries = other.join(id).await.unwrap();
    bus.broadcast("before".into()).await.unwrap();
    assert_eq!(
        in_time(deliveries.next()).await,
        Some(Delivery::Message("before".into()))
    );

    server.stop();
    every_operation_is_unavailable(&bus).await;

    server.restart();
    assert_eq!(in_time(deliveries.next()).await, Some(Delivery::Rejoined));
    broadcast_when_back(&bus, "after").await;
    bus.send(id, "to one".into()).await.unwrap();
    // What failed was not kept for later.
    for expected in ["after", "to one"] {
        assert_eq!(
            in_time(deliveries.next()).await,
            Some(Delivery::Message(expected.into()))
        );
    }
    assert_eq!(bus.facts().await.unwrap(), []);
    let unknown = bus.read("log", 0, LONG).await.unwrap_err();
    assert_eq!(unknown.kind(), BusErrorKind::Unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_log_is_told_that_redis_has_died() {
    let mut server = RedisServer::start();
    let bus = RedisBus::connect(server.options()).await.unwrap();
    bus.append("log", Vec::new(), LONG).await.unwrap();
    let waiting = tokio::spawn({
        let bus = bus.clone();
        async move { bus.read("log", 0, LONG).await }
    });
    wait_until_blocked(&server, 1).await;
    server.stop();
    assert_unavailable(in_time(waiting).await.unwrap());

    // An idle connection that was closed meanwhile is no failure.
    server.restart();
    broadcast_when_back(&bus, "back").await;
    bus.append("log", Vec::new(), LONG).await.unwrap();
    let read = bus.read("log", 0, Duration::from_millis(1)).await.unwrap();
    assert!(read.is_empty());
    server.restart();
    broadcast_when_back(&bus, "back again").await;
    bus.append("log", Vec::new(), LONG).await.unwrap();
    let read = bus.read("log", 0, Duration::from_millis(1)).await.unwrap();
    assert!(read.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_holds_nobody_up_for_long() {
    let server = RedisServer::start();
    let options = server.options().timeout(Duration::from_millis(50));
    // On a busy machine the first attempts may be too slow.
    let bus = RedisBus::new(options).unwrap();
    broadcast_when_back(&bus, "works").await;
    server.hang();
    every_operation_is_unavailable(&bus).await;
    server.go_on();
    broadcast_when_back(&bus, "works again").await;
}

#[tokio::test]
async fn a_replica_may_start_before_redis_does() {
    let mut server = RedisServer::not_started();
    assert_unavailable(RedisBus::connect(server.options()).await);
    let bus = RedisBus::new(server.options()).unwrap();
    every_operation_is_unavailable(&bus).await;
    server.restart();
    broadcast_when_back(&bus, "there it is").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_readers_than_connections_are_served_and_who_gives_up_frees_one() {
    let server = RedisServer::start();
    let bus = RedisBus::connect(server.options().readers(1))
        .await
        .unwrap();
    for log in ["one", "two", "never"] {
        bus.append(log, Vec::new(), LONG).await.unwrap();
    }
    let read = |log: &'static str| {
        let bus = bus.clone();
        tokio::spawn(async move { bus.read(log, 0, LONG).await })
    };
    let gives_up = read("never");
    wait_until_blocked(&server, 1).await;
    let waits = read("one");
    bus.append("one", vec!["1".into()], LONG).await.unwrap();
    assert_eq!(in_time(waits).await.unwrap().unwrap(), ["1"]);

    gives_up.abort();
    assert!(gives_up.await.unwrap_err().is_cancelled());
    wait_until_blocked(&server, 0).await;
    let waits = read("two");
    wait_until_blocked(&server, 1).await;
    bus.append("two", vec!["2".into()], LONG).await.unwrap();
    assert_eq!(in_time(waits).await.unwrap().unwrap(), ["2"]);
}

/// Waits until Redis says that so many clients wait on it.
async fn wait_until_blocked(server: &RedisServer, clients: u32) {
    let redis = redis::Client::open(server.url()).unwrap();
    let mut redis = redis.get_multiplexed_async_connection().await.unwrap();
    let wanted = format!("blocked_clients:{clients}\r\n");
    let blocked = async {
        loop {
            let mut info = redis::cmd("INFO");
            let info: String = info.arg("clients").query_async(&mut redis).await.unwrap();
            if info.contains(&wanted) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    in_time(blocked).await;
}
