//! Connections that are gone without a word.
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use bus_tests::{RedisServer, in_time};
use mcp_tower::bus::{Bus, Delivery, RedisBus, RedisOptions, ReplicaId};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Answers what a subscriber says at first, and nothing else.
async fn subscribe(mut stream: TcpStream) -> TcpStream {
    let mut subscribed = false;
    while !subscribed {
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).await.unwrap();
        let said = String::from_utf8_lossy(&bytes[..length]);
        let mut answer = "+OK\r\n".repeat(said.matches("SETINFO").count());
        if said.contains("SUBSCRIBE") {
            answer += "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
            answer += "*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n";
            subscribed = true;
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    stream
}

#[tokio::test]
async fn a_subscription_that_went_silent_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let bus = RedisBus::new(RedisOptions::new(url).timeout(Duration::from_millis(200))).unwrap();
    let redis = tokio::spawn(async move {
        let mut connections = Vec::new();
        loop {
            // They stay open, as behind a network that swallows everything.
            connections.push(subscribe(listener.accept().await.unwrap().0).await);
        }
    });
    let joined = async {
        loop {
            // On a busy machine an attempt may take too long.
            if let Ok(deliveries) = bus.join(ReplicaId::random().unwrap()).await {
                return deliveries;
            }
        }
    };
    let mut deliveries = in_time(joined).await;
    assert_eq!(in_time(deliveries.next()).await, Some(Delivery::Rejoined));
    redis.abort();
}

#[tokio::test]
async fn an_idle_connection_that_was_closed_fails_no_operation() {
    let server = RedisServer::start();
    let timeout = Duration::from_secs(2);
    let bus = RedisBus::connect(server.options().timeout(timeout))
        .await
        .unwrap();
    let redis = redis::Client::open(server.url()).unwrap();
    let mut redis = redis.get_multiplexed_async_connection().await.unwrap();
    let mut kill = redis::cmd("CLIENT");
    kill.arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"]);
    let killed: u32 = kill.query_async(&mut redis).await.unwrap();
    assert_eq!(killed, 1);
    // Idle is what was not used for twice as long; nothing tells when that is.
    tokio::time::sleep(timeout * 2).await;
    bus.broadcast("arrives".into()).await.unwrap();
}
