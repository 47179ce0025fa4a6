//! Clients that mean no good: each is answered or closed, costs a bounded amount while it lasts and
//! nothing afterwards, and others are served meanwhile.

use http_tests::{
    Client, Post, Probe, Running, all, governor, hyper, open, outside, peak, server, until_idle,
};
use mcp_tower::{
    Limits, McpLayer, McpService, SessionOptions,
    governor::{Budget, Governor},
    serve::{self, ServeOptions},
};
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, split},
    net::{TcpListener, TcpStream},
};
use tower::{ServiceBuilder, util::MapRequestLayer};

const MIB: usize = 1024 * 1024;

fn add() -> Post {
    Post::call("add", json!({"a": 2, "b": 3}))
}

async fn still_serves(running: &Running) {
    let mut client = Client::connect(running.address).await;
    assert_eq!(client.send(&add()).await.text(), "5", "{}", running.name);
}

/// The head of a request whose body is still to come.
fn head(body: &str) -> Vec<u8> {
    let bytes = add().bytes();
    let end = bytes
        .windows(15)
        .position(|part| part == b"content-length:");
    [&bytes[..end.unwrap()], body.as_bytes(), b"\r\n\r\n"].concat()
}

/// Sends everything that the server takes, and hears everything that it says.
async fn throw(running: &Running, bytes: &[u8]) -> String {
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (mut reader, mut writer) = split(stream);
    let mut heard = Vec::new();
    // Whoever is refused early may find the connection closed: that is an answer too.
    let sending = async {
        let _ = writer.write_all(bytes).await;
        let _ = writer.shutdown().await;
    };
    let hearing = async {
        let _ = reader.read_to_end(&mut heard).await;
    };
    tokio::join!(sending, hearing);
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn bodies_of_64_mib_are_not_read() {
    let governor = Governor::default();
    for running in all(&server().governor(governor.clone())).await {
        // Declared: refused before a byte of it.
        let mut client = Client::connect(running.address).await;
        let declared = head(&format!("content-length: {}", 64 * MIB));
        client.write_bytes(&declared).await;
        assert_eq!(client.head().await.status, 413, "{}", running.name);
        drop(client);
        // In pieces that nobody has declared: up to the limit.
        let piece = [
            format!("{:x}\r\n", MIB).into_bytes(),
            vec![b' '; MIB],
            b"\r\n".into(),
        ]
        .concat();
        let mut bytes = head("transfer-encoding: chunked");
        for _ in 0..64 {
            bytes.extend_from_slice(&piece);
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        let heard = throw(&running, &bytes).await;
        assert!(
            heard.is_empty() || heard.starts_with("HTTP/1.1 413"),
            "{heard}"
        );
        still_serves(&running).await;
        until_idle(&governor).await;
    }
    assert!(peak(&governor, Budget::BodyBytes) <= 5 * MIB);
}

#[tokio::test]
async fn nesting_without_end_is_refused() {
    let service = server();
    let session = open(&service, "2025-03-26").await;
    let open: [&str; 4] = ["[", r#"{"a":"#, r#"[{"_meta":"#, r#"{"params":["#];
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        for open in open {
            let body = open.repeat(3 * MIB / open.len());
            let reply = client.send(&Post::raw(body).session(&session)).await;
            assert_eq!(reply.status, 400, "{open}: {reply:?}");
        }
        let inside = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"add","arguments":{}"#,
            "[".repeat(3 * MIB)
        );
        let reply = client.send(&Post::raw(inside).session(&session)).await;
        assert_eq!(reply.status, 400);
        assert_eq!(client.send(&add()).await.text(), "5");
    }
}

#[tokio::test]
async fn floods_of_headers_are_cut_off() {
    let service = server();
    let flood = |name: fn(usize) -> String, count: usize| {
        let mut bytes = b"POST /mcp HTTP/1.1\r\nhost: localhost\r\n".to_vec();
        for number in 0..count {
            bytes.extend_from_slice(name(number).as_bytes());
        }
        bytes.extend_from_slice(b"content-length: 0\r\n\r\n");
        bytes
    };
    let floods = [
        flood(|number| format!("x-{number}: y\r\n"), 20_000),
        flood(|_| "mcp-param-a: y\r\n".to_owned(), 20_000),
        flood(|_| format!("x: {}\r\n", "y".repeat(MIB)), 2),
        flood(|_| "mcp-session-id: x\r\n".to_owned(), 90),
    ];
    for running in all(&service).await {
        for (at, flood) in floods.iter().enumerate() {
            let heard = throw(&running, flood).await;
            let refused = heard.is_empty() || heard.starts_with("HTTP/1.1 4");
            assert!(refused, "{} of {at}: {heard}", running.name);
        }
        still_serves(&running).await;
    }
}

#[tokio::test]
async fn garbage_behind_a_request_ends_its_connection_only() {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let after =
        |head: &str, body: &str| format!("POST /mcp HTTP/1.1\r\n{head}\r\n\r\n{body}").into_bytes();
    let garbage: Vec<Vec<u8>> = vec![
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04".to_vec(),
        b"\r\n\r\n\x00\xff\xfe\r\n\r\n".to_vec(),
        b"POST /\xc3\x28 HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec(),
        b"POST /mcp HTTP/9.9\r\nhost: localhost\r\n\r\n".to_vec(),
        after("host: localhost\r\nno colon", ""),
        after("host: localhost\r\nnul: a\0b", ""),
        after("host: localhost\r\ncontent-length: -1", ""),
        after(
            "host: localhost\r\ncontent-length: 1\r\ncontent-length: 2",
            "xx",
        ),
        after(
            "host: localhost\r\ncontent-length: 99999999999999999999999",
            "",
        ),
        after(
            "host: localhost\r\ntransfer-encoding: chunked",
            "ffffffffffffffffff\r\n",
        ),
        after(
            "host: localhost\r\ntransfer-encoding: chunked",
            "-1\r\nx\r\n",
        ),
        after(
            "host: localhost\r\ntransfer-encoding: chunked",
            "5\r\nshort",
        ),
        after("host: localhost\r\ntransfer-encoding: gzip", body),
        after("host: localhost, evil.example.com", ""),
    ];
    let governor = Governor::default();
    for running in all(&server().governor(governor.clone())).await {
        for garbage in &garbage {
            let bytes = [add().bytes(), garbage.clone()].concat();
            let heard = throw(&running, &bytes).await;
            let shown = String::from_utf8_lossy(garbage);
            // The request before is answered, and nothing that follows is served.
            assert!(
                heard.starts_with("HTTP/1.1 200"),
                "{}: {shown}: {heard}",
                running.name
            );
            assert_eq!(heard.matches("HTTP/1.1 200").count(), 1, "{shown}: {heard}");
        }
        still_serves(&running).await;
        until_idle(&governor).await;
    }
}

#[tokio::test]
async fn streams_that_are_half_closed_are_over() {
    let governor = Governor::default();
    let options = SessionOptions::new().replay_time(Duration::ZERO);
    let service = Probe::default()
        .service()
        .sessions(options)
        .governor(governor.clone());
    let session = open(&service, "2025-11-25").await;
    let listen = Post::modern("subscriptions/listen", json!({"notifications": {}}));
    let stand = Post::raw("").verb("GET").session(&session);
    for running in all(&service).await {
        for post in [&listen, &stand] {
            let mut stream = TcpStream::connect(running.address).await.unwrap();
            stream.write_all(&post.bytes()).await.unwrap();
            let mut heard = [0; 12];
            stream.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"HTTP/1.1 200");
            // It can hear and will not speak any more: HTTP/1.1 has no use for that.
            stream.shutdown().await.unwrap();
            until_idle(&governor).await;
            drop(stream);
        }
        still_serves(&running).await;
    }
}

/// A server that is less patient.
async fn hasty(service: McpService) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = ServiceBuilder::new()
        .layer(MapRequestLayer::new(outside::<_>))
        .layer(McpLayer::new(service))
        .service(serve::not_found());
    let options = ServeOptions::new().header_time(Duration::from_millis(300));
    tokio::spawn(serve::serve(listener, app).options(options).into_future());
    address
}

#[tokio::test]
async fn a_crowd_that_dribbles_stops_nobody() {
    const CROWD: usize = 60;
    let governor = governor(Budget::Calls, 4, 4);
    let limits = Limits::new().body_time(Duration::from_millis(300));
    let service = server().limits(limits).governor(governor.clone());
    let address = hasty(service.clone()).await;
    let mut crowd = tokio::task::JoinSet::new();
    for number in 0..CROWD {
        let bytes = match number % 2 {
            0 => b"POST /mcp HTTP/1.1\r\nhost: loc".to_vec(),
            _ => [head("content-length: 1000"), b"{".to_vec()].concat(),
        };
        crowd.spawn(async move {
            let stream = TcpStream::connect(address).await.unwrap();
            let (mut reader, mut writer) = split(stream);
            let mut heard = Vec::new();
            let dribble = async {
                let _ = writer.write_all(&bytes).await;
                // A byte now and then, for as long as there is somebody to take it.
                while writer.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::select! {
                () = dribble => {}
                _ = reader.read_to_end(&mut heard) => {}
            }
            (number, String::from_utf8(heard).unwrap())
        });
    }
    // Nobody of them has a call yet, so there is room for one that is serious.
    let mut client = Client::connect(address).await;
    for _ in 0..20 {
        assert_eq!(client.send(&add()).await.text(), "5");
    }
    while let Some(ended) = crowd.join_next().await {
        let (number, heard) = ended.unwrap();
        if number % 2 == 1 {
            assert!(
                heard.is_empty() || heard.starts_with("HTTP/1.1 408"),
                "{heard}"
            );
        } else {
            assert!(!heard.contains("200"), "{heard}");
        }
    }
    until_idle(&governor).await;
    // The same server, unhurried.
    still_serves(&hyper(service).await).await;
}
