//! Clients that vanish, at every byte of what they send and hear and at every point where they wait:
//! nothing is held for them in the end, and others are served.

use http_body_util::BodyExt;
use http_tests::{Client, PREFIX, Post, Running, all, ask, hyper, open, until_idle};
use mcp_tower::{
    Context, LogLevel, McpService, Server, SessionOptions, governor::Governor, mcp_tool,
};
use serde_json::{Value, json};
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::yield_now,
    time::sleep,
};
use tower::ServiceExt;

/// How many bytes more are heard from one attempt to the next: all of them would take minutes.
const STRIDE: usize = 5;

/// Add two numbers.
#[mcp_tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Say something, twice.
#[mcp_tool]
async fn talk(cx: Context) -> &'static str {
    cx.log(LogLevel::Error, "one").await;
    yield_now().await;
    cx.log(LogLevel::Error, "two").await;
    "told"
}

fn service() -> (McpService, Governor) {
    let governor = Governor::default();
    let server = Server::builder("vanishing", "1");
    let server = server.tool(add).tool(talk).tool(ask).build();
    let options = SessionOptions::new().replay_time(Duration::ZERO);
    let service = McpService::new(server).sessions(options);
    (service.governor(governor.clone()), governor)
}

fn modern(tool: &str) -> Post {
    let meta = json!({
        format!("{PREFIX}logLevel"): "info",
        format!("{PREFIX}clientCapabilities"): {"elicitation": {}},
    });
    let params = json!({"name": tool, "arguments": {}});
    Post::modern_with("tools/call", params, meta)
}

fn legacy(tool: &str, session: &str) -> Post {
    Post::legacy_call(tool, json!({})).session(session)
}

fn batch(session: &str) -> Post {
    let call = |id: u8, tool: &str| {
        let params = json!({"name": tool, "arguments": {"a": 1, "b": 2}});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    };
    Post::message(&json!([call(1, "add"), call(2, "add")])).session(session)
}

fn get(session: &str) -> Post {
    Post::raw("").verb("GET").session(session)
}

/// A session whose client answers questions.
async fn asked(service: &McpService) -> String {
    let post = Post::initialize("2025-11-25");
    let post = post.edit(|message| message["params"]["capabilities"] = json!({"elicitation": {}}));
    let reply = service.clone().oneshot(post.request()).await.unwrap();
    let id = reply.headers()["mcp-session-id"].to_str();
    id.unwrap().to_owned()
}

async fn end(service: &McpService, session: &str) {
    let request = Post::raw("").verb("DELETE").session(session).request();
    let reply = service.clone().oneshot(request).await.unwrap();
    assert_eq!(reply.status(), 204);
}

async fn still_serves(running: &Running) {
    let mut client = Client::connect(running.address).await;
    let post = Post::call("add", json!({"a": 2, "b": 3}));
    assert_eq!(client.send(&post).await.text(), "5", "{}", running.name);
}

/// Sends so many bytes of a request and hears so many of the answer, at most up to where it ends.
async fn vanish(running: &Running, sent: &[u8], hears: usize) {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    let mut heard = (&mut stream).take(hears as u64);
    tokio::io::copy(&mut heard, &mut tokio::io::sink())
        .await
        .unwrap();
}

#[tokio::test]
async fn in_the_middle_of_a_request() {
    let (service, governor) = service();
    let session = open(&service, "2025-03-26").await;
    let posts = [
        modern("talk"),
        legacy("talk", &session),
        batch(&session),
        Post::initialize("2025-11-25"),
        get(&session),
    ];
    for running in all(&service).await {
        for post in &posts {
            let bytes = post.bytes();
            // Every byte of one mount's requests; all of them would run out of ports.
            let stride = if running.name == "hyper" { 1 } else { STRIDE };
            for end in (0..bytes.len()).step_by(stride) {
                vanish(&running, &bytes[..end], 0).await;
            }
            still_serves(&running).await;
        }
        until_idle(&governor).await;
    }
}

/// Hears an answer up to a text in it, to know how long that is.
async fn length(running: &Running, post: &Post, last: &str) -> usize {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(&post.bytes()).await.unwrap();
    let mut heard = Vec::new();
    while !heard
        .windows(last.len())
        .any(|part| part == last.as_bytes())
    {
        assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0, "{last}");
    }
    heard.len()
}

#[tokio::test]
async fn in_the_middle_of_an_answer() {
    let (service, governor) = service();
    let running = hyper(service.clone()).await;
    let session = asked(&service).await;
    let old = open(&service, "2025-03-26").await;
    let scripts = [
        (modern("talk"), "told"),
        (legacy("talk", &session), "told"),
        (legacy("ask", &session), "elicitation/create"),
        (batch(&old), "]"),
        (modern("ask"), "requestState"),
    ];
    for (post, last) in scripts {
        let length = length(&running, &post, last).await;
        for hears in (0..length).step_by(STRIDE) {
            vanish(&running, &post.bytes(), hears).await;
        }
        still_serves(&running).await;
    }
    // Questions wait for whoever comes back; and nobody comes back to a session that has ended.
    end(&service, &session).await;
    until_idle(&governor).await;
}

#[tokio::test]
async fn in_the_middle_of_what_they_came_back_for() {
    let (service, governor) = service();
    // What is kept has to be there when its client comes back.
    let service = service.sessions(SessionOptions::new());
    let running = hyper(service.clone()).await;
    let session = asked(&service).await;
    let mut client = Client::connect(running.address).await;
    client.write(&legacy("ask", &session)).await;
    client.head().await;
    let first = client.named_event().await.unwrap().id.unwrap();
    let question = client.event().await.unwrap();
    drop(client);
    let back = get(&session).set("last-event-id", &first);
    let length = length(&running, &back, "elicitation/create").await;
    for hears in (0..length).step_by(STRIDE) {
        vanish(&running, &back.bytes(), hears).await;
    }
    // The answer reaches the call all the same, and its client in the end.
    let answer = json!({"action": "accept", "content": {"name": "Ada"}});
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": answer});
    let mut client = Client::connect(running.address).await;
    let taken = client.send(&Post::message(&answer).session(&session)).await;
    assert_eq!(taken.status, 202);
    let heard = client.send(&back).await.events();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!(heard[1]["result"]["content"][0]["text"], "Ada");
    end(&service, &session).await;
    until_idle(&governor).await;
}

/// A client with everything that it does at once: dropped, it is gone.
struct Script<'a> {
    service: &'a McpService,
    session: &'a str,
    /// The names of the events that were heard.
    names: Vec<String>,
}

impl Script<'_> {
    /// Makes a request and hears the answer to its end, with a pause wherever there can be one.
    async fn exchange(&mut self, post: Post, to: usize) -> Vec<Value> {
        yield_now().await;
        let reply = self.service.clone().oneshot(post.request()).await.unwrap();
        yield_now().await;
        let mut body = reply.into_body();
        let (mut text, mut heard) = (String::new(), Vec::new());
        while heard.len() < to {
            let Some(frame) = body.frame().await else {
                break;
            };
            text.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
            yield_now().await;
            while let Some((event, rest)) = text.split_once("\n\n") {
                let field = |name| event.lines().find_map(|line| line.strip_prefix(name));
                self.names.extend(field("id: ").map(str::to_owned));
                heard.extend(field("data: ").and_then(|data| serde_json::from_str(data).ok()));
                text = rest.to_owned();
            }
        }
        heard
    }

    /// Speaks to every kind of call, leaves one stream and comes back to it.
    async fn play(&mut self) {
        self.exchange(modern("talk"), usize::MAX).await;
        self.exchange(modern("ask"), usize::MAX).await;
        self.exchange(batch(self.session), usize::MAX).await;
        self.exchange(legacy("talk", self.session), 1).await;
        let last = self.names.pop().unwrap();
        let back = get(self.session).set("last-event-id", &last);
        self.exchange(back, 1).await;
        let asked = self.exchange(legacy("ask", self.session), 1).await;
        let last = self.names.pop().unwrap();
        let answer = json!({"action": "accept", "content": {"name": "Ada"}});
        let answer = json!({"jsonrpc": "2.0", "id": asked[0]["id"], "result": answer});
        self.exchange(Post::message(&answer).session(self.session), 1)
            .await;
        let back = get(self.session).set("last-event-id", &last);
        let heard = self.exchange(back, 1).await;
        assert_eq!(heard[0]["result"]["content"][0]["text"], "Ada");
        self.exchange(get(self.session), 0).await;
    }
}

/// Looks at a future so many times, and lets others run in between; tells whether it has ended.
async fn poll_times(future: impl Future<Output = ()>, times: usize) -> bool {
    let mut future = pin!(future);
    for _ in 0..times {
        let ended = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await;
        if ended {
            return true;
        }
        yield_now().await;
    }
    false
}

#[tokio::test(start_paused = true)]
async fn wherever_they_wait() {
    let governor = Governor::default();
    let server = Server::builder("vanishing", "1");
    let server = server.tool(add).tool(talk).tool(ask).build();
    let service = McpService::new(server).governor(governor.clone());
    let mut ended_at = None;
    for times in 0..1_000 {
        let session = asked(&service).await;
        let mut script = Script {
            service: &service,
            session: &session,
            names: Vec::new(),
        };
        let ended = poll_times(script.play(), times).await;
        // Half of them are never heard of again: then time ends what is theirs.
        match times % 2 {
            0 => end(&service, &session).await,
            _ => sleep(Duration::from_secs(3 * 3600)).await,
        }
        sleep(Duration::from_secs(120)).await;
        let snapshot = governor.snapshot();
        assert!(snapshot.is_idle(), "after {times} polls: {snapshot:?}");
        if ended {
            ended_at = Some(times);
            break;
        }
    }
    let ended_at = ended_at.expect("the script does not end");
    assert!(ended_at > 20, "{ended_at}");
}
