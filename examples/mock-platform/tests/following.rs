//! Calls as they happen, over a socket.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod world;

use http_tests::{Client, Post, Reply};
use mcp_tower::serve::serve;
use mock_platform::{
    app::{AppOptions, app},
    calls::MAX_FOLLOWERS,
};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
    sync::oneshot,
    time::timeout,
};
use world::{KEY, World};

const ONE: &str = "servers/one/calls";

impl World {
    /// Two servers with the same tool.
    async fn two() -> Self {
        Self::with(["one", "two"].map(design)).await
    }

    async fn call(&self, id: &str, word: &str) {
        let reply = self.client().await.send(&call(id, word)).await;
        assert_eq!(reply.status, 200);
    }

    async fn follow(&self, path: &str, last: Option<&str>) -> Following {
        Following::open(self.running.address, path, last).await
    }
}

fn design(id: &str) -> Value {
    // Each looks at what was said, so that traces are long.
    let scenario =
        json!({"condition": {"field": "word", "operator": "equals", "value": "x"}, "response": 1});
    let tool = json!({"name": "say", "default": 0, "scenarios": vec![scenario; 30]});
    json!({"id": id, "name": "Test", "version": "1", "status": "published",
        "default_response": "json", "tools": [tool]})
}

fn call(id: &str, word: &str) -> Post {
    let params = json!({"name": "say", "arguments": {"word": word}});
    let post = Post::legacy("tools/call", params).path(&format!("/api/platform/{id}/mcp"));
    post.set("accept", "application/json")
}

fn request(path: &str, last: Option<&str>) -> Post {
    let mut post = Post::raw("").path(&format!("/api/admin/{path}"));
    "GET".clone_into(&mut post.verb);
    let post = post
        .set("accept", "text/event-stream")
        .set("x-api-key", KEY);
    match last {
        Some(id) => post.set("last-event-id", id),
        None => post,
    }
}

/// A stream that is read.
struct Following {
    client: Client,
    text: String,
    /// Of the last event.
    id: String,
}

#[derive(Debug, PartialEq)]
enum Told {
    /// The server, the number and what was said.
    Call(Value),
    Lost(Value),
}

impl Following {
    async fn open(address: SocketAddr, path: &str, last: Option<&str>) -> Self {
        let mut client = Client::connect(address).await;
        client.write(&request(path, last)).await;
        let head = client.head().await;
        assert_eq!(head.status, 200);
        for (name, value) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-store"),
            ("x-accel-buffering", "no"),
        ] {
            assert_eq!(head.headers[name], value);
        }
        let mut following = Self {
            client,
            text: String::new(),
            id: String::new(),
        };
        // It says at once where it stands.
        let first = following.event().await.unwrap();
        assert!(first.starts_with("retry: "), "{first}");
        following
    }

    /// The lines of the next event; nothing at the end.
    async fn event(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let event = event.to_owned();
                self.text = rest.to_owned();
                let id = event.lines().find_map(|line| line.strip_prefix("id: "));
                id.unwrap_or(&self.id.clone()).clone_into(&mut self.id);
                return Some(event);
            }
            let chunk = self.client.chunk().await?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn told(&mut self) -> Option<Told> {
        Some(told(&self.event().await?))
    }

    /// The next call: its server, its number and what was said.
    async fn call(&mut self) -> (String, u64, String) {
        match self.told().await {
            Some(Told::Call(call)) => short(&call),
            other => panic!("{other:?}"),
        }
    }
}

fn told(event: &str) -> Told {
    let data = event.lines().find_map(|line| line.strip_prefix("data: "));
    let data: Value = serde_json::from_str(data.unwrap()).unwrap();
    assert!(
        event.lines().any(|line| line.starts_with("id: ")),
        "{event}"
    );
    match event.starts_with("event: lost\n") {
        true => Told::Lost(data["calls"].clone()),
        false => Told::Call(data),
    }
}

fn short(call: &Value) -> (String, u64, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = call["sequence"].as_u64().unwrap();
    (
        text(&call["server"]),
        number,
        text(&call["arguments"]["word"]),
    )
}

fn of(server: &str, number: u64, word: &str) -> (String, u64, String) {
    (server.to_owned(), number, word.to_owned())
}

#[tokio::test]
async fn a_call_appears_as_it_happens_with_its_trace() {
    let world = World::two().await;
    world.call("one", "old").await;
    let mut one = world.follow(ONE, None).await;
    world.call("one", "x").await;
    let Some(Told::Call(call)) = one.told().await else {
        panic!("no call");
    };
    assert_eq!(short(&call), of("one", 2, "x"));
    assert_eq!(call["tool"], "say");
    assert_eq!(call["outcome"], "response");
    assert_eq!(
        call["trace"]["answered"],
        json!({"kind": "scenario", "index": 0})
    );
    assert_eq!(call["trace"]["scenarios"][0]["verdict"], "fits");
    let kept = world.platform.calls("one").unwrap();
    assert_eq!(call, json!(kept[1]));
}

#[tokio::test]
async fn calls_come_in_order_and_of_the_chosen_server() {
    let world = World::two().await;
    let mut one = world.follow(ONE, None).await;
    let mut all = world.follow("calls", None).await;
    for (id, word) in [("one", "a"), ("two", "b"), ("two", "c"), ("one", "d")] {
        world.call(id, word).await;
    }
    assert_eq!(one.call().await, of("one", 1, "a"));
    assert_eq!(one.call().await, of("one", 2, "d"));
    assert_eq!(all.call().await, of("one", 1, "a"));
    assert_eq!(all.call().await, of("two", 1, "b"));
    assert_eq!(all.call().await, of("two", 2, "c"));
    assert_eq!(all.call().await, of("one", 2, "d"));
}

#[tokio::test]
async fn who_comes_back_hears_what_was_missed() {
    let world = World::two().await;
    let mut one = world.follow(ONE, None).await;
    let mut all = world.follow("calls", None).await;
    world.call("one", "a").await;
    one.call().await;
    all.call().await;
    let (one, all) = (one.id, all.id);
    for (id, word) in [("two", "b"), ("one", "c")] {
        world.call(id, word).await;
    }
    let mut again = world.follow(ONE, Some(&one)).await;
    assert_eq!(again.call().await, of("one", 2, "c"));
    let mut again = world.follow("calls", Some(&all)).await;
    assert_eq!(again.call().await, of("two", 1, "b"));
    assert_eq!(again.call().await, of("one", 2, "c"));
    world.call("one", "d").await;
    assert_eq!(again.call().await, of("one", 3, "d"));
    // The list says where it ends.
    let list = request(ONE, None).set("accept", "application/json");
    let list = world.client().await.send(&list).await.json();
    assert_eq!(list["calls"].as_array().unwrap().len(), 3);
    let mut after = world.follow(ONE, list["last_event_id"].as_str()).await;
    world.call("one", "e").await;
    assert_eq!(after.call().await, of("one", 4, "e"));
    // What another run has told is of no use: everything that is kept comes.
    let mut other = world.follow(ONE, Some("0000000000000001-2")).await;
    assert_eq!(other.told().await, Some(Told::Lost(Value::Null)));
    assert_eq!(other.call().await, of("one", 1, "a"));
}

#[tokio::test]
async fn who_does_not_read_holds_up_nobody() {
    const CALLS: usize = 900;
    const FORGOTTEN: usize = 800;
    let world = World::two().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(world.running.address).await.unwrap();
    let get = request(ONE, None).set("connection", "close").bytes();
    stream.write_all(&get).await.unwrap();
    let mut text = String::new();
    while !text.contains("\nid: ") {
        let mut piece = [0; 1024];
        let length = stream.read(&mut piece).await.unwrap();
        text.push_str(std::str::from_utf8(&piece[..length]).unwrap());
    }
    let mut client = world.client().await;
    let call = call("one", &"long ".repeat(600));
    for number in 0..CALLS {
        assert_eq!(client.send(&call).await.status, 200);
        // More than the socket takes, and nothing else holds them for who does not read.
        if number == FORGOTTEN {
            world.platform.clear_calls("one").unwrap();
        }
    }
    world.platform.delete("one").await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    text.push_str(&String::from_utf8(rest).unwrap());
    let (mut calls, mut lost, mut last) = (0, 0, 0);
    for event in events(&text) {
        match told(&event) {
            Told::Lost(calls) => lost += calls.as_u64().unwrap(),
            Told::Call(call) => {
                calls += 1;
                last = call["sequence"].as_u64().unwrap();
                assert_eq!(last, calls + lost);
            }
        }
    }
    assert!(lost > 0, "{calls} calls were kept for who does not read");
    assert_eq!(last, CALLS as u64);
}

/// Events with data, of a body in chunks.
fn events(text: &str) -> Vec<String> {
    let (_, mut rest) = text.split_once("\r\n\r\n").unwrap();
    let mut body = String::new();
    while let Some((length, behind)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        body.push_str(&behind[..length]);
        rest = behind[length..].strip_prefix("\r\n").unwrap();
    }
    let events = body.split_terminator("\n\n").map(str::to_owned);
    events.filter(|event| event.contains("data: ")).collect()
}

#[tokio::test]
async fn a_stream_ends_with_its_server() {
    let world = World::two().await;
    let mut one = world.follow(ONE, None).await;
    let mut two = world.follow("servers/two/calls", None).await;
    let mut all = world.follow("calls", None).await;
    world.call("one", "last words").await;
    world.platform.delete("one").await.unwrap();
    assert_eq!(one.call().await, of("one", 1, "last words"));
    assert_eq!(one.told().await, None);
    // Another one under the same id counts from the start, and an old id is none of its own.
    world.platform.create(design("one")).await.unwrap();
    let mut new = world.follow(ONE, Some(&one.id)).await;
    assert_eq!(new.told().await, Some(Told::Lost(Value::Null)));
    world.call("one", "first words").await;
    assert_eq!(new.call().await, of("one", 1, "first words"));
    all.call().await;
    assert_eq!(all.call().await, of("one", 1, "first words"));
    // The others have heard nothing of it.
    world.call("two", "still here").await;
    assert_eq!(two.call().await, of("two", 1, "still here"));
}

#[tokio::test]
async fn a_change_of_the_design_ends_nothing() {
    let world = World::two().await;
    let mut one = world.follow(ONE, None).await;
    let change = json!({"name": "Other"});
    world.platform.patch("one", &change).await.unwrap();
    world.platform.reload().await.unwrap();
    world.call("one", "a").await;
    assert_eq!(one.call().await, of("one", 1, "a"));
}

#[tokio::test]
async fn nobody_waits_for_those_who_follow_when_the_platform_stops() {
    let World {
        platform,
        directory: _directory,
        ..
    } = World::two().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let router = app(&platform, &AppOptions::new(KEY));
    let closing = platform.clone();
    let server = tokio::spawn(async move {
        let signal = async move {
            stopped.await.unwrap();
            closing.close_listeners();
        };
        serve(listener, router).graceful(signal).await
    });
    let mut one = Following::open(address, ONE, None).await;
    let mut all = Following::open(address, "calls", None).await;
    stop.send(()).unwrap();
    assert_eq!(one.told().await, None);
    assert_eq!(all.told().await, None);
    // Well before those who do not end are cut off.
    let ended = timeout(Duration::from_secs(20), server).await;
    ended.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn the_key_is_needed_and_a_place() {
    let world = World::two().await;
    let status = async |post: Post| world.client().await.send(&post).await;
    for path in [ONE, "calls"] {
        let reply = status(request(path, None).without("x-api-key")).await;
        assert_eq!(reply.status, 401, "{path}");
    }
    assert_eq!(
        status(request("servers/nobody/calls", None)).await.status,
        404
    );
    let mut all = Vec::new();
    for _ in 0..MAX_FOLLOWERS {
        all.push(world.follow(ONE, None).await);
    }
    let refused: Reply = status(request("calls", None)).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), "5");
    assert!(refused.json()["error"]["message"].is_string());
    // JSON is for everybody.
    let list = request(ONE, None).set("accept", "*/*");
    assert_eq!(status(list).await.status, 200);
    // Who has gone makes room, once the platform has noticed.
    drop(all);
    world.platform.delete("one").await.unwrap();
    let free = async {
        loop {
            let mut client = world.client().await;
            client.write(&request("servers/two/calls", None)).await;
            if client.head().await.status == 200 {
                return;
            }
        }
    };
    timeout(Duration::from_secs(20), free).await.unwrap();
}
