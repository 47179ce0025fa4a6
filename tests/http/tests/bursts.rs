//! More than there is room for, all at once: everybody is answered, what is alive stays, and
//! afterwards nothing is left.

use http_tests::{Client, Post, Reply, Running, ask, governor, hyper, used};
use mcp_tower::{
    Context, McpService, SessionOptions,
    core::governor::{Budget, Governor},
    mcp_tool,
};
use serde_json::{Value, json};
use std::time::Duration;

const NEWEST: &str = "2025-11-25";
/// How many come at once.
const CROWD: usize = 12;
/// How many there is room for.
const ROOM: usize = 3;

/// Speak at length.
#[mcp_tool]
async fn recite(cx: Context) -> &'static str {
    let line = "x".repeat(1_000);
    for number in 0..20 {
        cx.log(mcp_tower::LogLevel::Error, &format!("{number} {line}"))
            .await;
    }
    "recited"
}

/// A crowd of clients, each with a session, at a mount where cut streams are not kept.
async fn crowd(governor: &Governor) -> (Running, Vec<(Client, String)>) {
    let server = http_tests::builder().tool(recite).tool(ask).build();
    let options = SessionOptions::new().replay_time(Duration::ZERO);
    let service = McpService::new(server).sessions(options);
    let running = hyper(service.governor(governor.clone())).await;
    let mut clients = Vec::new();
    for _ in 0..CROWD {
        let mut client = Client::connect(running.address).await;
        let post = Post::initialize(NEWEST).edit(|message| {
            message["params"]["capabilities"] = json!({"elicitation": {}});
        });
        let opened = client.send(&post).await;
        clients.push((client, opened.header("mcp-session-id").to_owned()));
    }
    (running, clients)
}

fn set_level(session: &str) -> Post {
    Post::legacy("logging/setLevel", json!({"level": "debug"})).session(session)
}

fn get(session: &str) -> Post {
    let get = Post::raw("").verb("GET").set("accept", "text/event-stream");
    get.session(session)
}

fn call(tool: &str, session: &str) -> Post {
    Post::legacy_call(tool, json!({})).session(session)
}

/// A total that is used up is 503, a share 429; a crowd at one address is one payer.
fn limits() -> [(usize, usize, u16); 2] {
    [(ROOM, usize::MAX, 503), (usize::MAX, ROOM, 429)]
}

fn assert_refused(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{reply:?}");
    let retry: u64 = reply.header("retry-after").parse().unwrap();
    assert!(retry > 0);
    assert!(reply.json()["error"]["message"].is_string());
}

/// Everything works, and then nothing is alive.
async fn recovers(running: &Running, governor: &Governor, sessions: &[String]) {
    for session in sessions {
        let mut client = Client::connect(running.address).await;
        assert_eq!(client.send(&set_level(session)).await.result(), json!({}));
        assert_eq!(client.send(&call("talk", session)).await.text(), "told");
        let delete = Post::raw("").verb("DELETE").session(session);
        assert_eq!(client.send(&delete).await.status, 204);
        let mut client = Client::connect(running.address).await;
        let session = client.open(NEWEST).await;
        client.write(&get(&session)).await;
        assert_eq!(client.head().await.status, 200);
        let delete = Post::raw("").verb("DELETE").session(&session);
        let mut other = Client::connect(running.address).await;
        assert_eq!(other.send(&delete).await.status, 204);
        while client.named_event().await.is_some() {}
    }
    http_tests::until_idle(governor).await;
}

#[tokio::test]
async fn a_burst_of_rows() {
    for (total, share, status) in limits() {
        let governor = governor(Budget::Rows, total, share);
        let (running, mut clients) = crowd(&governor).await;
        for (client, session) in &mut clients {
            client.write(&set_level(session)).await;
        }
        let (mut kept, mut refused) = (Vec::new(), Vec::new());
        for (mut client, session) in clients {
            let reply = client.reply().await;
            if reply.status == 200 {
                assert_eq!(reply.result(), json!({}));
                kept.push(session);
                continue;
            }
            assert_refused(&reply, status);
            assert_refused(&client.send(&get(&session)).await, status);
            // Calls need no row, not even those that speak.
            assert_eq!(client.send(&call("talk", &session)).await.text(), "told");
            refused.push(session);
        }
        assert_eq!((kept.len(), refused.len()), (ROOM, CROWD - ROOM));
        for session in &kept {
            let mut client = Client::connect(running.address).await;
            let delete = Post::raw("").verb("DELETE").session(session);
            assert_eq!(client.send(&delete).await.status, 204);
        }
        recovers(&running, &governor, &refused).await;
    }
}

#[tokio::test]
async fn a_burst_of_streams() {
    for (total, share, status) in limits() {
        let governor = governor(Budget::Streams, total, share);
        let (running, mut clients) = crowd(&governor).await;
        for (client, session) in &mut clients {
            client.write(&get(session)).await;
        }
        let (mut kept, mut sessions) = (Vec::new(), Vec::new());
        for (mut client, session) in clients {
            sessions.push(session);
            let head = client.head().await;
            if head.status == 200 {
                // It is there to be read.
                client.named_event().await.unwrap();
                kept.push(client);
                continue;
            }
            assert_eq!(head.status, status);
            assert!(head.headers.contains_key("retry-after"));
        }
        assert_eq!(kept.len(), ROOM);
        assert_eq!(used(&governor, Budget::Streams), ROOM);
        drop(kept);
        http_tests::until_idle(&governor).await;
        recovers(&running, &governor, &sessions).await;
    }
}

#[tokio::test]
async fn a_burst_of_replay() {
    const BYTES: usize = 10_000;
    for (total, share) in [(BYTES, usize::MAX), (usize::MAX, BYTES), (0, 0)] {
        let governor = governor(Budget::ReplayBytes, total, share);
        let (running, mut clients) = crowd(&governor).await;
        for (client, session) in &mut clients {
            client.write(&call("recite", session)).await;
        }
        let mut sessions = Vec::new();
        for (mut client, session) in clients {
            // What there is no room for cannot be read again; it is said all the same.
            let events = client.reply().await.events();
            assert_eq!(events.len(), 21);
            assert_eq!(events[20]["result"]["content"][0]["text"], "recited");
            sessions.push(session);
        }
        assert!(http_tests::peak(&governor, Budget::ReplayBytes) <= BYTES);
        if total == 0 {
            // A standing stream would keep something.
            let mut client = Client::connect(running.address).await;
            assert_refused(&client.send(&get(&sessions[0])).await, 429);
            http_tests::until_idle(&governor).await;
            continue;
        }
        recovers(&running, &governor, &sessions).await;
    }
}

#[tokio::test]
async fn a_burst_of_questions() {
    for (total, share, _) in limits() {
        let governor = governor(Budget::Questions, total, share);
        let (running, mut clients) = crowd(&governor).await;
        for (client, session) in &mut clients {
            client.write(&call("ask", session)).await;
        }
        let (mut asked, mut refused, mut sessions) = (Vec::new(), 0, Vec::new());
        for (mut client, session) in clients {
            let head = client.head().await;
            sessions.push(session.clone());
            if head.headers["content-type"] == "text/event-stream" {
                let question: Value = client.event().await.unwrap();
                assert_eq!(question["method"], "elicitation/create");
                asked.push((client, session, question["id"].clone()));
                continue;
            }
            // The call is answered: its question was not asked.
            let mut answer = Vec::new();
            while let Some(piece) = client.chunk().await {
                answer.extend(piece);
            }
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            let result = &answer["result"];
            assert_eq!(result["isError"], true);
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.contains("too many questions"), "{text}");
            refused += 1;
        }
        assert_eq!((asked.len(), refused), (ROOM, CROWD - ROOM));
        for (mut client, session, id) in asked {
            let result = json!({"action": "accept", "content": {"name": "Ada"}});
            let answer = json!({"jsonrpc": "2.0", "id": id, "result": result});
            let mut other = Client::connect(running.address).await;
            let taken = other.send(&Post::message(&answer).session(&session)).await;
            assert_eq!(taken.status, 202);
            let answer = client.event().await.unwrap();
            assert_eq!(answer["result"]["content"][0]["text"], "Ada");
            // There is room again.
            assert!(used(&governor, Budget::Questions) < ROOM);
        }
        recovers(&running, &governor, &sessions).await;
    }
}

#[tokio::test]
async fn a_burst_of_subscriptions() {
    let governor = governor(Budget::ReplayBytes, usize::MAX, 4_000);
    let (running, clients) = crowd(&governor).await;
    let (mut client, session) = clients.into_iter().next().unwrap();
    let post = |method: &str, number: usize| {
        let uri = format!("doc://{number}/{}", "x".repeat(400));
        Post::legacy(method, json!({"uri": uri})).session(&session)
    };
    let mut subscribed = 0;
    let refused = loop {
        let reply = client.send(&post("resources/subscribe", subscribed)).await;
        if reply.status != 200 {
            break reply;
        }
        assert_eq!(reply.result(), json!({}));
        subscribed += 1;
    };
    assert_refused(&refused, 429);
    assert_eq!(subscribed, 7);
    // One that is there costs nothing more, one that is given up makes room.
    for (method, number) in [("subscribe", 0), ("unsubscribe", 0), ("subscribe", 9)] {
        let reply = client
            .send(&post(&format!("resources/{method}"), number))
            .await;
        assert_eq!(reply.result(), json!({}), "{method} {number}");
    }
    let delete = Post::raw("").verb("DELETE").session(&session);
    assert_eq!(client.send(&delete).await.status, 204);
    drop(running);
    http_tests::until_idle(&governor).await;
}
