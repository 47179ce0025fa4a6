//! What sessions and streams cost: bytes of resident memory for each.
//!
//! ```sh
//! cargo run --release -p soak-tests -- --sessions 1000000 --streams 10000
//! ```

#![expect(clippy::unwrap_used, reason = "a measurement that fails panics")]
#![expect(clippy::print_stdout, reason = "this is what it is for")]

use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use http_tests::{Client, Post};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use mcp_tower::{
    SessionOptions,
    core::BoxFuture,
    serve::{ServeOptions, serve},
};
use soak_tests::{open, resident, service};
use std::{
    convert::Infallible,
    io::BufRead,
    net::SocketAddr,
    pin::Pin,
    process,
    task::{Context, Poll},
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().unwrap())
    };
    match arguments.get(1).map(String::as_str) {
        Some("serve") => serve_mcp().await,
        Some("auto-bare") => serve_each(auto_bare).await,
        Some("http1-mcp") => serve_each(http1_mcp()).await,
        Some("http1-bare") => serve_each(http1_bare).await,
        _ => {
            let sessions = number("--sessions", 100_000);
            abandoned(sessions).await;
            rows(sessions.min(100_000)).await;
            let streams = number("--streams", 1_000);
            let bare = streams_of("http1-bare", streams).await;
            let ours = streams_of("http1-mcp", streams).await;
            println!("a stream of a session over a bare one: {:.2}", ours / bare);
            let bare = streams_of("auto-bare", streams).await;
            let ours = streams_of("serve", streams).await;
            println!("the same with HTTP/1 and 2 on one port: {:.2}", ours / bare);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to read")]
fn each(bytes: usize, of: usize) -> f64 {
    bytes as f64 / of as f64
}

/// Sessions that are opened and never used again.
async fn abandoned(sessions: usize) {
    let (service, _) = service();
    for _ in 0..20_000 {
        open(&service).await;
    }
    let before = resident("self");
    for _ in 0..sessions {
        open(&service).await;
    }
    let growth = resident("self").saturating_sub(before);
    let each = each(growth, sessions);
    println!("{sessions} abandoned sessions: {each:.1} bytes each");
}

/// Sessions that have set a log level, and nothing else.
async fn rows(sessions: usize) {
    let (service, governor) = service();
    let service = service.sessions(SessionOptions::new().idle(Duration::from_secs(86_400)));
    let level = serde_json::json!({"level": "debug"});
    let before = resident("self");
    for _ in 0..sessions {
        let session = open(&service).await;
        let set = Post::legacy("logging/setLevel", level.clone()).session(&session);
        let reply = service.clone().oneshot(set.request()).await.unwrap();
        reply.into_body().collect().await.unwrap();
    }
    let growth = resident("self").saturating_sub(before);
    let rows = governor.snapshot();
    let rows = rows.usage(mcp_tower::governor::Budget::Rows).used;
    let each = each(growth, sessions);
    println!("{rows} sessions with a row: {each:.1} bytes each, the table's growth included");
}

/// Streams that wait, in a process of their own.
async fn streams_of(server: &str, streams: usize) -> f64 {
    let program = std::env::current_exe().unwrap();
    let mut child = process::Command::new(program)
        .arg(server)
        .stdout(process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let address: SocketAddr = line.trim().parse().unwrap();
    let id = child.id().to_string();
    let mut clients = Vec::with_capacity(streams);
    // The first ones make the server ready.
    for _ in 0..100 {
        clients.push(stand(address).await);
    }
    let before = resident(&id);
    for _ in 0..streams {
        clients.push(stand(address).await);
    }
    let each = each(resident(&id).saturating_sub(before), streams);
    println!("{streams} open streams of {server}: {each:.0} bytes each");
    child.kill().unwrap();
    child.wait().unwrap();
    each
}

/// Opens a session and its stream, over one connection.
async fn stand(address: SocketAddr) -> Client {
    let mut client = Client::connect(address).await;
    let opened = client.send(&Post::initialize("2025-11-25")).await;
    let session = opened.headers.get("mcp-session-id");
    let session = session.map_or("", |session| session.to_str().unwrap());
    let get = Post::raw("").verb("GET").session(session);
    client.write(&get.set("accept", "text/event-stream")).await;
    assert_eq!(client.head().await.status, 200);
    client.named_event().await.unwrap();
    client
}

async fn serve_mcp() {
    let (service, _) = service();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let options = ServeOptions::new().connections(usize::MAX >> 4);
    serve(listener, service).options(options).await.unwrap();
}

/// Serves each connection of a port in a task of its own.
async fn serve_each<F>(connection: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(connection(stream));
    }
}

fn http1_mcp() -> impl Fn(TcpStream) -> BoxFuture<'static, ()> {
    let (service, _) = service();
    let service = TowerToHyperService::new(service);
    move |stream| {
        let io = TokioIo::new(stream);
        let connection = http1::Builder::new().serve_connection(io, service.clone());
        Box::pin(async move { drop(connection.await) })
    }
}

async fn http1_bare(stream: TcpStream) {
    let served = http1::Builder::new();
    let connection = served.serve_connection(TokioIo::new(stream), service_fn(bare));
    drop(connection.await);
}

async fn auto_bare(stream: TcpStream) {
    let served = auto::Builder::new(TokioExecutor::new());
    let connection = served.serve_connection(TokioIo::new(stream), service_fn(bare));
    drop(connection.await);
}

/// Answers each GET with one event and then waits.
async fn bare(request: http::Request<Incoming>) -> Result<http::Response<OneFrame>, Infallible> {
    let is_stream = request.method() == http::Method::GET;
    let (kind, data) = match is_stream {
        true => ("text/event-stream", "id: 0\ndata: \n\n"),
        false => ("application/json", "{}"),
    };
    // The whole of a POST's body is read first.
    let _ = request.into_body().collect().await;
    let reply = http::Response::builder().header("content-type", kind);
    let body = OneFrame {
        data: Some(Bytes::from_static(data.as_bytes())),
        is_stream,
    };
    Ok(reply.body(body).unwrap())
}

/// One piece, and then the end, or nothing for ever.
struct OneFrame {
    data: Option<Bytes>,
    is_stream: bool,
}

impl Body for OneFrame {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match (self.data.take(), self.is_stream) {
            (Some(data), _) => Poll::Ready(Some(Ok(Frame::data(data)))),
            (None, true) => Poll::Pending,
            (None, false) => Poll::Ready(None),
        }
    }
}
