//! A client that asks and does not read: what is answered to it counts until it is taken.

use bytes::Bytes;
use mcp_core::{
    Server,
    connection::{Arrival, Connection, ConnectionOptions, Outbox},
    governor::{Budget, Budgets, Governor, Payer},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{task::yield_now, time::timeout};

/// How many messages wait in the queue of a connection, as its documentation says.
const QUEUE: usize = 16;
/// How many calls may run, or wait to be told, at once.
const CALLS: usize = 8;

struct Pipe {
    governor: Governor,
    connection: Connection,
    outbox: Outbox,
}

impl Pipe {
    #[expect(clippy::unwrap_used, reason = "a test that fails panics")]
    fn open() -> Self {
        let governor = Governor::new(Budgets::new().total(Budget::Calls, CALLS));
        let options = ConnectionOptions::new().governor(governor.clone(), Payer::unknown());
        let server = Server::builder("silent", "1").build();
        let (connection, outbox) = Connection::open(&server, options).unwrap();
        Self {
            governor,
            connection,
            outbox,
        }
    }

    /// Sends a message, and lets what it starts get as far as it can.
    #[expect(clippy::unwrap_used, reason = "a test that fails panics")]
    async fn send(&self, message: &Value) {
        let received = self.connection.read(message.to_string().into()).unwrap();
        let taken = self.connection.receive(received, Arrival::default());
        taken.await.unwrap();
        for _ in 0..16 {
            yield_now().await;
        }
    }

    #[expect(clippy::unwrap_used, reason = "a test that fails panics")]
    async fn next(&mut self) -> Bytes {
        let next = timeout(Duration::from_secs(10), self.outbox.next());
        next.await.unwrap().unwrap()
    }

    fn used(&self) -> usize {
        self.governor.snapshot().usage(Budget::Calls).used
    }

    fn has_room(&self) -> bool {
        let permit = self.governor.acquire(Budget::Calls, &Payer::unknown(), 1);
        permit.is_ok()
    }

    /// Lets what was held up by the queue go on, which takes each call a turn or two.
    async fn settle(&self) {
        for _ in 0..16 * CALLS {
            yield_now().await;
        }
        assert_eq!(self.used(), 0, "what was taken is not given back");
    }
}

fn ping(id: usize) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "ping"})
}

#[tokio::test]
async fn answers_that_find_no_room_keep_their_calls_counted() {
    let mut pipe = Pipe::open();
    for id in 0..QUEUE {
        pipe.send(&ping(id)).await;
    }
    assert_eq!(pipe.used(), 0, "what is in the queue is the queue's");
    for id in QUEUE..QUEUE + CALLS {
        assert!(pipe.has_room());
        pipe.send(&ping(id)).await;
    }
    assert_eq!(pipe.used(), CALLS);
    assert!(!pipe.has_room());
    for _ in 0..QUEUE + CALLS {
        let answer = pipe.next().await;
        assert!(answer.ends_with(br#""result":{}}"#), "{answer:?}");
    }
    pipe.settle().await;
}

#[tokio::test]
async fn so_do_those_of_a_batch() {
    let mut pipe = Pipe::open();
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}});
    pipe.send(&initialize).await;
    for id in 1..QUEUE {
        pipe.send(&ping(id)).await;
    }
    let batch: Vec<_> = (0..CALLS).map(|id| ping(100 + id)).collect();
    pipe.send(&Value::Array(batch)).await;
    assert_eq!(pipe.used(), CALLS);
    assert!(!pipe.has_room());
    for _ in 0..QUEUE {
        pipe.next().await;
    }
    let answers: Vec<Value> = serde_json::from_slice(&pipe.next().await).expect("an array");
    assert_eq!(answers.len(), CALLS);
    pipe.settle().await;
}
