//! Two replicas of one server with a bus between them: a session is the same on both.

use http_tests::{Client, Post, Probe, Running, axum};
use mcp_tower::{
    Context, KeyRing, McpService, Replicas, Server, State, ToolError,
    bus::{BusLimits, LocalBus},
    governor::{Budget, Governor},
    mcp_tool,
};
use serde_json::{Value, json};
use std::time::Duration;

const KEY: [u8; 32] = [7; 32];

/// Ask the user.
#[mcp_tool]
async fn ask(cx: Context) -> Result<String, ToolError> {
    let agreed: Agreement = cx.elicit("agreed", "Agreed?").await?;
    Ok(agreed.yes.to_string())
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Agreement {
    yes: bool,
}

/// Log at two levels.
#[mcp_tool]
async fn chat(cx: Context, State(_): State<Probe>) -> &'static str {
    cx.log(mcp_tower::LogLevel::Debug, "details").await;
    cx.log(mcp_tower::LogLevel::Error, "careful").await;
    "said"
}

/// One process: its server, its place on the bus, its port.
struct Replica {
    server: Server,
    bus: LocalBus,
    running: Running,
    governor: Governor,
}

impl Replica {
    async fn start(bus: &LocalBus, probe: &Probe) -> Self {
        let bus = bus.clone();
        let replicas = Replicas::join(bus.clone()).await.unwrap();
        let builder = probe.builder().tool(ask).tool(chat);
        let server = builder.keys(KeyRing::new(KEY)).build();
        let governor = Governor::default();
        let service = McpService::new(server.clone())
            .governor(governor.clone())
            .replicas(&replicas);
        Self {
            server,
            bus,
            running: axum(service).await,
            governor,
        }
    }

    async fn client(&self) -> Client {
        Client::connect(self.running.address).await
    }

    async fn send(&self, post: &Post) -> http_tests::Reply {
        self.client().await.send(post).await
    }

    /// Opens the standing stream of a session.
    async fn stand(&self, post: &Post) -> Client {
        let mut client = self.client().await;
        client.write(post).await;
        assert_eq!(client.head().await.status, 200);
        client
    }
}

async fn two(probe: &Probe) -> [Replica; 2] {
    let bus = LocalBus::new();
    [
        Replica::start(&bus, probe).await,
        Replica::start(&bus, probe).await,
    ]
}

/// Repeats a request until its answer is as it should be: what one replica is told, another learns
/// a moment later.
async fn until(replica: &Replica, post: &Post, status: u16) {
    let reached = async {
        while replica.send(post).await.status != status {
            tokio::task::yield_now().await;
        }
    };
    let reached = tokio::time::timeout(Duration::from_secs(20), reached).await;
    assert!(reached.is_ok(), "never {status}");
}

fn call(tool: &str, session: &str) -> Post {
    let params = json!({"name": tool, "arguments": {}, "_meta": {"progressToken": "p"}});
    Post::legacy("tools/call", params).session(session)
}

fn get(session: &str) -> Post {
    let get = Post::raw("").verb("GET").session(session);
    get.set("accept", "text/event-stream")
}

fn ping(session: &str) -> Post {
    Post::legacy("ping", json!({})).session(session)
}

#[tokio::test]
async fn what_needs_nothing_from_elsewhere_does_not_touch_the_bus() {
    let [one, two] = two(&Probe::default()).await;
    let session = one.client().await.open("2025-11-25").await;
    let before = one.bus.operations();
    for replica in [&one, &two] {
        for _ in 0..20 {
            let add = Post::legacy_call("add", json!({"a": 1, "b": 2})).session(&session);
            assert_eq!(replica.send(&add).await.text(), "3");
            assert_eq!(replica.send(&ping(&session)).await.result(), json!({}));
            assert_eq!(replica.send(&call("talk", &session)).await.text(), "told");
        }
    }
    assert_eq!(one.bus.operations(), before);
}

#[tokio::test]
async fn an_answer_finds_the_question_of_another_replica() {
    let [one, two] = two(&Probe::default()).await;
    let mut client = one.client().await;
    let initialize = Post::initialize("2025-11-25")
        .edit(|message| message["params"]["capabilities"] = json!({"elicitation": {}}));
    let opened = client.send(&initialize).await;
    let session = opened.header("mcp-session-id");
    client.write(&call("ask", session)).await;
    client.head().await;
    let question = client.event().await.unwrap();
    assert_eq!(question["method"], "elicitation/create");
    let content = json!({"action": "accept", "content": {"yes": true}});
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": content});
    let answer = Post::message(&answer).set("mcp-protocol-version", "2025-11-25");
    // Another session's answer is none.
    let other = two.client().await.open("2025-11-25").await;
    let foreign = answer.clone().session(&other);
    assert_eq!(two.send(&foreign).await.status, 202);
    assert_eq!(two.send(&answer.session(session)).await.status, 202);
    let message = client.event().await.unwrap();
    assert_eq!(message["result"]["content"][0]["text"], "true");
}

#[tokio::test]
async fn a_call_can_be_cancelled_through_another_replica() {
    let probe = Probe::default();
    let [one, two] = two(&probe).await;
    let session = one.client().await.open("2025-11-25").await;
    let other = one.client().await.open("2025-11-25").await;
    let mut client = one.client().await;
    client
        .write(&call("hold_loudly", &session).id(json!(5)))
        .await;
    client.head().await;
    assert!(client.event().await.is_some());
    probe.entered().await;
    let cancel = Post::notification("notifications/cancelled", json!({"requestId": 5}));
    // The same id in another session is another call.
    assert_eq!(two.send(&cancel.clone().session(&other)).await.status, 202);
    assert_eq!(one.send(&ping(&session)).await.status, 200);
    assert_eq!(two.send(&cancel.session(&session)).await.status, 202);
    probe.dropped().await;
    assert_eq!(client.event().await, None);
}

#[tokio::test]
async fn the_end_of_a_session_is_its_end_everywhere() {
    let [one, two] = two(&Probe::default()).await;
    let session = one.client().await.open("2025-11-25").await;
    let mut standing = two.stand(&get(&session)).await;
    let delete = ping(&session).verb("DELETE");
    assert_eq!(one.send(&delete).await.status, 204);
    until(&two, &ping(&session), 404).await;
    while standing.event().await.is_some() {}
    // Also for a replica that joins later.
    let three = Replica::start(&one.bus, &Probe::default()).await;
    until(&three, &ping(&session), 404).await;
}

/// Another thread may run a task of a replica before the replica is complete.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_hear_each_other_on_threads_too() {
    for _ in 0..20 {
        let [one, two] = two(&Probe::default()).await;
        let session = one.client().await.open("2025-11-25").await;
        let delete = ping(&session).verb("DELETE");
        assert_eq!(one.send(&delete).await.status, 204);
        until(&two, &ping(&session), 404).await;
    }
}

#[tokio::test]
async fn what_a_client_has_set_holds_on_every_replica() {
    let [one, two] = two(&Probe::default()).await;
    let session = one.client().await.open("2025-11-25").await;
    let mut standing = two.stand(&get(&session)).await;
    let subscribe = Post::legacy("resources/subscribe", json!({"uri": "doc://readme"}));
    assert_eq!(
        one.send(&subscribe.session(&session)).await.result(),
        json!({})
    );
    let level = Post::legacy("logging/setLevel", json!({"level": "error"}));
    assert_eq!(one.send(&level.session(&session)).await.result(), json!({}));
    // What is remembered is delivered in order: the level comes after the subscription.
    let quiet = async {
        while two.send(&call("chat", &session)).await.events().len() != 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), quiet)
        .await
        .unwrap();
    // A change on one replica is told by the other.
    one.server.resource_updated("doc://other");
    one.server.resource_updated("doc://readme");
    let told = standing.event().await.unwrap();
    assert_eq!(told["params"]["uri"], "doc://readme");
    one.server.tools_changed();
    let told = standing.event().await.unwrap();
    assert_eq!(told["method"], "notifications/tools/list_changed");
    let three = Replica::start(&one.bus, &Probe::default()).await;
    let quiet = async {
        while three.send(&call("chat", &session)).await.events().len() != 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), quiet)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stream_that_was_cut_goes_on_elsewhere() {
    let probe = Probe::default();
    let [one, two] = two(&probe).await;
    let session = one.client().await.open("2025-11-25").await;
    let other = one.client().await.open("2025-11-25").await;
    let mut client = one.client().await;
    client.write(&call("hold_loudly", &session)).await;
    client.head().await;
    let primed = client.named_event().await.unwrap().id.unwrap();
    probe.entered().await;
    drop(client);
    let resume = |session: &str| get(session).set("last-event-id", &primed);
    assert_eq!(two.send(&resume(&other)).await.status, 400);
    let mut client = two.client().await;
    client.write(&resume(&session)).await;
    assert_eq!(client.head().await.status, 200);
    let progress = client.event().await.unwrap();
    assert_eq!(progress["method"], "notifications/progress");
    probe.release();
    let answer = client.event().await.unwrap();
    assert_eq!(answer["result"]["content"][0]["text"], "held");
    assert_eq!(client.named_event().await, None);
    // Once more, now that it is over; and of a replica that does not exist.
    let again = two.send(&resume(&session)).await.events();
    assert_eq!(again.last(), Some(&answer));
    let gone = get(&session).set("last-event-id", "0123456789abcdefc0.0");
    assert_eq!(two.send(&gone).await.status, 400);
}

#[tokio::test]
async fn a_standing_stream_is_on_one_replica() {
    let [one, two] = two(&Probe::default()).await;
    let session = one.client().await.open("2025-11-25").await;
    let mut first = one.stand(&get(&session)).await;
    let primed = first.named_event().await.unwrap().id.unwrap();
    until(&two, &get(&session).set("accept", "text/event-stream"), 409).await;
    // A client that comes back has lost the first one, and may have missed anything.
    let resume = get(&session).set("last-event-id", &primed);
    let mut second = two.stand(&resume).await;
    let mut told: Vec<Value> = Vec::new();
    for _ in 0..3 {
        told.push(second.event().await.unwrap()["method"].clone());
    }
    assert!(
        told.contains(&json!("notifications/tools/list_changed")),
        "{told:?}"
    );
    // The first one has ended, here or there.
    while first.event().await.is_some() {}
}

#[tokio::test]
async fn whoever_has_missed_something_asks_and_keeps_its_streams() {
    let mut limits = BusLimits::new();
    limits.waiting = 1;
    let (bus, probe) = (LocalBus::with_limits(limits), Probe::default());
    let (one, two) = (
        Replica::start(&bus, &probe).await,
        Replica::start(&bus, &probe).await,
    );
    let session = one.client().await.open("2025-11-25").await;
    let mut standing = one.stand(&get(&session)).await;
    // Nobody is subscribed to these: what is told in their place is that all may have changed.
    let heard = async {
        let mut told = false;
        while !told {
            (0..100).for_each(|number| two.server.resource_updated(&format!("doc://{number}")));
            let next = tokio::time::timeout(Duration::from_millis(50), standing.event()).await;
            told = next
                .is_ok_and(|event| event.unwrap()["method"] == "notifications/tools/list_changed");
        }
    };
    tokio::time::timeout(Duration::from_secs(20), heard)
        .await
        .unwrap();
    one.server.prompts_changed();
    while standing.event().await.unwrap()["method"] != "notifications/prompts/list_changed" {}
}

#[tokio::test]
async fn without_a_bus_shared_sessions_cannot_be_ended() {
    let server = Server::builder("s", "1").keys(KeyRing::new(KEY)).build();
    let running = axum(McpService::new(server)).await;
    let mut client = Client::connect(running.address).await;
    let session = client.open("2025-11-25").await;
    let reply = client.send(&ping(&session).verb("DELETE")).await;
    assert_eq!((reply.status, reply.header("allow")), (405, "GET, POST"));
    assert_eq!(client.send(&ping(&session)).await.status, 200);
}

#[tokio::test]
async fn rows_that_others_tell_of_are_not_a_callers() {
    let [one, two] = two(&Probe::default()).await;
    let session = one.client().await.open("2025-11-25").await;
    let level = Post::legacy("logging/setLevel", json!({"level": "error"}));
    assert_eq!(one.send(&level.session(&session)).await.result(), json!({}));
    assert_eq!(one.governor.snapshot().usage(Budget::Rows).used, 1);
    assert_eq!(two.governor.snapshot().usage(Budget::Rows).used, 0);
}
