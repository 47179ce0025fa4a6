//! An HTTP/1.1 client that sees every byte, and keeps its connection.

use crate::Post;
use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    buffer: BytesMut,
    body: BodyState,
    /// What has been read of the current event.
    event: BytesMut,
}

#[derive(Clone, Copy, Debug)]
enum BodyState {
    Done,
    Length(usize),
    Chunked,
    UntilClose,
}

/// A status and headers.
#[derive(Clone, Debug)]
pub struct Head {
    pub status: u16,
    pub headers: HeaderMap,
}

/// A whole response.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: BytesMut::new(),
            body: BodyState::Done,
            event: BytesMut::new(),
        }
    }

    /// The port of this end.
    pub fn port(&self) -> u16 {
        self.stream.local_addr().unwrap().port()
    }

    /// Sends a request and reads the whole response.
    pub async fn send(&mut self, post: &Post) -> Reply {
        self.write(post).await;
        self.reply().await
    }

    /// Sends a request only.
    pub async fn write(&mut self, post: &Post) {
        self.write_bytes(&post.bytes()).await;
    }

    pub async fn write_bytes(&mut self, bytes: &[u8]) {
        // A server that has refused early may have closed already; its answer is still there.
        let _ = self.stream.write_all(bytes).await;
    }

    /// Reads a whole response.
    pub async fn reply(&mut self) -> Reply {
        let Head { status, headers } = self.head().await;
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await {
            body.extend_from_slice(&chunk);
        }
        Reply {
            status,
            headers,
            body: body.freeze(),
        }
    }

    /// Reads up to the body.
    pub async fn head(&mut self) -> Head {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await.expect("closed before the response");
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let status: StatusCode = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in &lines[1..] {
            let (name, value) = line.split_once(':').unwrap();
            headers.append(
                name.parse::<HeaderName>().unwrap(),
                value.trim().parse::<HeaderValue>().unwrap(),
            );
        }
        let length = headers.get("content-length");
        self.body = if status == StatusCode::NO_CONTENT {
            BodyState::Done
        } else if headers.contains_key("transfer-encoding") {
            BodyState::Chunked
        } else if let Some(length) = length {
            BodyState::Length(length.to_str().unwrap().parse().unwrap())
        } else {
            BodyState::UntilClose
        };
        self.event.clear();
        Head {
            status: status.as_u16(),
            headers,
        }
    }

    /// The next piece of the body as the server has sent it.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        match self.body {
            BodyState::Done | BodyState::Length(0) => None,
            BodyState::Length(length) => {
                assert!(self.fill().await, "closed inside a body");
                let piece = self.buffer.split_to(length.min(self.buffer.len())).freeze();
                self.body = BodyState::Length(length - piece.len());
                Some(piece)
            }
            BodyState::UntilClose => {
                if !self.fill().await {
                    self.body = BodyState::Done;
                    return None;
                }
                Some(self.buffer.split().freeze())
            }
            BodyState::Chunked => {
                let line = self.line().await?;
                let length = usize::from_str_radix(&line, 16).unwrap();
                while self.buffer.len() < length + 2 {
                    if self.read().await == 0 {
                        return None;
                    }
                }
                let piece = self.buffer.split_to(length).freeze();
                self.buffer.advance(2);
                if length == 0 {
                    self.body = BodyState::Done;
                    return None;
                }
                Some(piece)
            }
        }
    }

    /// The next message of a stream; none at its end. Whatever else comes is skipped.
    pub async fn event(&mut self) -> Option<Value> {
        loop {
            if let Some(message) = self.named_event().await?.message {
                return Some(message);
            }
        }
    }

    /// The next event of a stream, with its name; none at its end. Comments are skipped.
    pub async fn named_event(&mut self) -> Option<Event> {
        loop {
            let end = self.event.windows(2).position(|pair| pair == b"\n\n");
            if let Some(end) = end {
                let event = self.event.split_to(end + 2);
                if event.starts_with(b":") {
                    continue;
                }
                return Some(Event::parse(&event));
            }
            let chunk = self.chunk().await?;
            self.event.extend_from_slice(&chunk);
        }
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.buffer.split_to(end);
                self.buffer.advance(2);
                return Some(String::from_utf8(line.to_vec()).unwrap());
            }
            if self.read().await == 0 {
                return None;
            }
        }
    }

    async fn fill(&mut self) -> bool {
        !self.buffer.is_empty() || self.read().await > 0
    }

    async fn read(&mut self) -> usize {
        self.stream.read_buf(&mut self.buffer).await.unwrap_or(0)
    }
}

impl Client {
    /// Opens a session of a revision and returns its id.
    pub async fn open(&mut self, version: &str) -> String {
        let reply = self.send(&Post::initialize(version)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let id = reply.header("mcp-session-id").to_owned();
        let ready = Post::notification("notifications/initialized", Value::Null)
            .edit(|message| {
                message.as_object_mut().unwrap().remove("params");
            })
            .session(&id);
        assert_eq!(self.send(&ready).await.status, 202);
        id
    }
}

impl Reply {
    /// A header that must be there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .unwrap_or_else(|| panic!("no `{name}` in {self:?}"))
            .to_str()
            .unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The messages of a body of events.
    pub fn events(&self) -> Vec<Value> {
        assert_eq!(self.header("content-type"), "text/event-stream");
        let text = std::str::from_utf8(&self.body).unwrap();
        let events = text.split_inclusive("\n\n");
        events
            .filter(|event| !event.starts_with(':'))
            .filter_map(|event| Event::parse(event.as_bytes()).message)
            .collect()
    }

    /// The answer, whichever way it came.
    pub fn message(&self) -> Value {
        if self.header("content-type") == "text/event-stream" {
            self.events().pop().expect("a stream without an answer")
        } else {
            self.json()
        }
    }

    /// The result of a request.
    pub fn result(&self) -> Value {
        let message = self.message();
        assert!(message.get("result").is_some(), "{message}");
        message["result"].clone()
    }

    /// The first text of a tool's result.
    pub fn text(&self) -> String {
        let result = self.result();
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }
}

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    pub id: Option<String>,
    pub retry: Option<u64>,
    /// Its data, where it has any.
    pub message: Option<Value>,
}

impl Event {
    /// Reads an event strictly: nothing is there that we do not write. Mounts may leave out the name.
    fn parse(text: &[u8]) -> Self {
        let text = std::str::from_utf8(text).unwrap();
        let lines = text.strip_suffix("\n\n").unwrap();
        let mut event = Self::default();
        for line in lines.split('\n') {
            assert!(!line.contains('\r'), "{text:?}");
            match line.split_once(": ").unwrap_or_else(|| panic!("{text:?}")) {
                ("event", "message") => {}
                ("id", id) => event.id = Some(id.to_owned()),
                ("retry", retry) => event.retry = Some(retry.parse().unwrap()),
                ("data", "") => {}
                ("data", data) => {
                    assert!(event.message.is_none(), "{text:?}");
                    event.message = Some(serde_json::from_str(data).unwrap());
                }
                _ => panic!("{text:?}"),
            }
        }
        event
    }
}
