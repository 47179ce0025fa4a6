//! HTTP/2 with prior knowledge, spoken by hand: a client library would answer pings by itself.

use super::*;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

pub(super) struct Client {
    io: DuplexStream,
    answers_pings: bool,
}

struct Received {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(mut io: DuplexStream) -> Self {
        io.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .await
            .unwrap();
        let mut client = Self {
            io,
            answers_pings: true,
        };
        client.write(SETTINGS, 0, 0, &[]).await;
        client
    }

    async fn write(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        // The server may have closed the connection.
        let _ = self.io.write_all(&frame).await;
    }

    async fn next(&mut self) -> Option<Received> {
        loop {
            let mut head = [0; 9];
            self.io.read_exact(&mut head).await.ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.io.read_exact(&mut payload).await.ok()?;
            let frame = Received {
                kind: head[3],
                flags: head[4],
                stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
                payload,
            };
            match frame.kind {
                SETTINGS if frame.flags & ACK == 0 => self.write(SETTINGS, ACK, 0, &[]).await,
                PING if self.answers_pings => self.write(PING, ACK, 0, &frame.payload).await,
                _ => return Some(frame),
            }
        }
    }

    pub(super) async fn send(&mut self, stream: u32, path: &str) {
        // GET, http, and literals for `:path` and `:authority` (RFC 7541, appendix A).
        let mut block = vec![0x82, 0x86];
        for (name, value) in [(4, path), (1, "localhost")] {
            block.extend([name, u8::try_from(value.len()).unwrap()]);
            block.extend(value.as_bytes());
        }
        self.write(HEADERS, END_HEADERS | END_STREAM, stream, &block)
            .await;
    }

    /// The body of a response with status 200.
    pub(super) async fn read(&mut self, stream: u32) -> String {
        let mut body = Vec::new();
        loop {
            let frame = self.next().await.expect("the connection was closed");
            match frame.kind {
                HEADERS | DATA => assert_eq!(frame.stream, stream),
                _ => continue,
            }
            match frame.kind {
                // `:status 200` comes first.
                HEADERS => assert_eq!(frame.payload[0], 0x88),
                _ => body.extend(frame.payload),
            }
            if frame.flags & END_STREAM != 0 {
                return String::from_utf8(body).unwrap();
            }
        }
    }

    pub(super) async fn get(&mut self, stream: u32, path: &str) -> String {
        self.send(stream, path).await;
        self.read(stream).await
    }

    pub(super) async fn until(&mut self, kind: u8) {
        while self.next().await.expect("the connection was closed").kind != kind {}
    }

    pub(super) async fn until_closed(&mut self) {
        while self.next().await.is_some() {}
    }
}

#[tokio::test(start_paused = true)]
async fn one_connection_serves_many_requests() {
    let app = App::default();
    let server = Local::start(&app, ServeOptions::new());
    let mut client = Client::connect(server.connect()).await;
    client.send(1, "/slow").await;
    app.0.entered.notified().await;
    assert_eq!(client.get(3, "/").await, "hello");
    app.0.release.notify_one();
    assert_eq!(client.read(1).await, "hello");
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_one_request() {
    let server = Local::start(&App::default(), ServeOptions::new());
    let mut client = Client::connect(server.connect()).await;
    client.send(1, "/panic").await;
    assert_eq!(client.get(3, "/").await, "hello");
}

#[tokio::test(start_paused = true)]
async fn an_idle_client_is_told_to_leave() {
    let server = Local::start(&App::default(), ServeOptions::new());
    let mut client = Client::connect(server.connect()).await;
    assert_eq!(client.get(1, "/").await, "hello");
    let start = Instant::now();
    // It answers pings all the while.
    client.until(GOAWAY).await;
    assert_eq!(start.elapsed().as_secs(), 75);
    client.until_closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_gone_is_noticed() {
    let app = App::default();
    let server = Local::start(&app, ServeOptions::new());
    let mut client = Client::connect(server.connect()).await;
    client.answers_pings = false;
    client.send(1, "/slow").await;
    app.0.entered.notified().await;
    let start = Instant::now();
    client.until_closed().await;
    app.0.dropped.notified().await;
    assert_eq!(start.elapsed().as_secs(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_keeps_its_connection_open() {
    let server = Local::start(&App::default(), ServeOptions::new());
    let mut client = Client::connect(server.connect()).await;
    // CONNECT with `:protocol`, as for a WebSocket.
    let mut block = vec![0x02, 7];
    block.extend(b"CONNECT");
    block.extend([0x00, 9]);
    block.extend(b":protocol");
    block.extend([9]);
    block.extend(b"websocket");
    block.extend([0x86, 0x04, 5]);
    block.extend(b"/echo");
    block.extend([0x01, 1]);
    block.extend(b"a");
    client.write(HEADERS, END_HEADERS, 1, &block).await;
    client.until(HEADERS).await;
    for _ in 0..2 {
        client.write(DATA, 0, 1, b"abc").await;
        let answer = loop {
            let frame = client.next().await.expect("the connection was closed");
            if frame.kind == DATA {
                break frame.payload;
            }
        };
        assert_eq!(answer, b"ABC");
        tokio::select! {
            () = sleep(Duration::from_secs(3_600)) => {}
            () = client.until_closed() => panic!("the connection was closed"),
        }
    }
}
