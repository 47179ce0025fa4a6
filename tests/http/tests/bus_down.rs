//! A bus that is away: calls go on, what needs it is refused clearly, and it is used again when it
//! is back.

use bytes::Bytes;
use http_tests::{Client, Post, Running, axum, builder};
use mcp_tower::{
    KeyRing, McpService, Replicas, Server,
    bus::{Bus, BusError, Deliveries, Fact, LocalBus, ReplicaId},
    core::BoxFuture,
};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A bus with a plug.
#[derive(Clone, Debug)]
struct Plugged {
    bus: LocalBus,
    is_away: Arc<AtomicBool>,
}

impl Plugged {
    fn when_there<'a, T: 'a>(
        &'a self,
        work: BoxFuture<'a, Result<T, BusError>>,
    ) -> BoxFuture<'a, Result<T, BusError>> {
        if self.is_away.load(Ordering::SeqCst) {
            return Box::pin(async { Err(BusError::unavailable("unplugged")) });
        }
        work
    }
}

impl Bus for Plugged {
    fn join(&self, replica: ReplicaId) -> BoxFuture<'_, Result<Deliveries, BusError>> {
        self.when_there(self.bus.join(replica))
    }

    fn broadcast(&self, message: Bytes) -> BoxFuture<'_, Result<(), BusError>> {
        self.when_there(self.bus.broadcast(message))
    }

    fn send(&self, to: ReplicaId, message: Bytes) -> BoxFuture<'_, Result<(), BusError>> {
        self.when_there(self.bus.send(to, message))
    }

    fn remember<'a>(
        &'a self,
        key: &'a str,
        value: Bytes,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), BusError>> {
        self.when_there(self.bus.remember(key, value, ttl))
    }

    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), BusError>> {
        self.when_there(self.bus.forget(key))
    }

    fn facts(&self) -> BoxFuture<'_, Result<Vec<Fact>, BusError>> {
        self.when_there(self.bus.facts())
    }

    fn append<'a>(
        &'a self,
        log: &'a str,
        entries: Vec<Bytes>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), BusError>> {
        self.when_there(self.bus.append(log, entries, ttl))
    }

    fn read<'a>(
        &'a self,
        log: &'a str,
        after: u64,
        wait: Duration,
    ) -> BoxFuture<'a, Result<Vec<Bytes>, BusError>> {
        self.when_there(self.bus.read(log, after, wait))
    }
}

async fn replica(bus: &Plugged) -> (Server, Running) {
    let bus = Plugged {
        bus: bus.bus.clone(),
        is_away: bus.is_away.clone(),
    };
    let replicas = Replicas::join(bus).await.unwrap();
    let server = builder().keys(KeyRing::new([7; 32])).build();
    let service = McpService::new(server.clone()).replicas(&replicas);
    (server, axum(service).await)
}

#[tokio::test]
async fn calls_go_on_without_the_bus() {
    let bus = Plugged {
        bus: LocalBus::new(),
        is_away: Arc::default(),
    };
    let (server, one) = replica(&bus).await;
    let (_, two) = replica(&bus).await;
    let mut client = Client::connect(one.address).await;
    let session = client.open("2025-11-25").await;
    let get = Post::raw("").verb("GET").session(&session);
    let mut standing = Client::connect(two.address).await;
    standing
        .write(&get.set("accept", "text/event-stream"))
        .await;
    assert_eq!(standing.head().await.status, 200);
    bus.is_away.store(true, Ordering::SeqCst);
    // What needs nobody else.
    let add = Post::legacy_call("add", json!({"a": 1, "b": 2})).session(&session);
    assert_eq!(client.send(&add).await.text(), "3");
    let cancel = Post::notification("notifications/cancelled", json!({"requestId": 77}));
    assert_eq!(client.send(&cancel.session(&session)).await.status, 202);
    // What others have to know.
    let level = Post::legacy("logging/setLevel", json!({"level": "error"})).session(&session);
    let uri = json!({"uri": "doc://readme"});
    let subscribe = Post::legacy("resources/subscribe", uri).session(&session);
    let delete = add.clone().verb("DELETE");
    let answer = json!({"jsonrpc": "2.0", "id": "0123456789abcdef:1", "result": {}});
    let answer = Post::message(&answer).session(&session);
    let event = "0123456789abcdefc0.0";
    let resume = Post::raw("").verb("GET").session(&session);
    let resume = resume
        .set("accept", "text/event-stream")
        .set("last-event-id", event);
    for post in [&level, &subscribe, &delete, &answer, &resume] {
        let reply = client.send(post).await;
        assert_eq!(reply.status, 503, "{reply:?}");
        assert_eq!(reply.header("retry-after"), "5");
    }
    // What is told waits until the bus is back.
    server.tools_changed();
    bus.is_away.store(false, Ordering::SeqCst);
    let told = standing.event().await.unwrap();
    assert_eq!(told["method"], "notifications/tools/list_changed");
    assert_eq!(client.send(&level).await.result(), json!({}));
    assert_eq!(client.send(&delete).await.status, 204);
    while standing.event().await.is_some() {}
}

#[tokio::test]
async fn a_place_that_was_given_up_without_the_bus_is_found_out() {
    let bus = Plugged {
        bus: LocalBus::new(),
        is_away: Arc::default(),
    };
    let (_, one) = replica(&bus).await;
    let (_, two) = replica(&bus).await;
    let session = Client::connect(one.address).await.open("2025-11-25").await;
    let get = Post::raw("").verb("GET").session(&session);
    let get = get.set("accept", "text/event-stream");
    let status = async |address| {
        let mut client = Client::connect(address).await;
        client.write(&get).await;
        client.head().await.status
    };
    let mut standing = None;
    http_tests::until("two knows", async || {
        // Whoever asks two too early takes the place.
        let mut client = Client::connect(one.address).await;
        client.write(&get).await;
        if client.head().await.status == 200 {
            standing = Some(client);
        }
        status(two.address).await == 409
    })
    .await;
    bus.is_away.store(true, Ordering::SeqCst);
    drop(standing);
    // The place is free, and nobody could be told.
    http_tests::until("one knows", async || status(one.address).await == 200).await;
    bus.is_away.store(false, Ordering::SeqCst);
    http_tests::until("two knows", async || status(two.address).await == 200).await;
}
