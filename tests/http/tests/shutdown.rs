//! The end of a server, under each HTTP server that can end gracefully: what runs ends in time or
//! is stopped, streams end with their result, and new work is sent elsewhere.

use http_body_util::BodyExt;
use http_tests::{Client, Post, Probe, Reply, open};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown, service::TowerToHyperService};
use mcp_tower::{
    Context, McpLayer, McpService, Server, State, mcp_tool,
    serve::{self, ServeOptions},
};
use serde_json::json;
use std::{
    future::pending,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    task::Waker,
    time::Duration,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};
use tower::{ServiceBuilder, ServiceExt};

/// Long enough for everything that ends by itself.
const LONG: Duration = Duration::from_secs(60);
/// Soon enough for what never does.
const SHORT: Duration = Duration::from_millis(300);

/// Wait for ever.
#[mcp_tool]
async fn stuck(State(probe): State<Probe>) {
    let _ = &probe;
    pending().await
}

/// Do something that must not stop half way.
#[mcp_tool]
async fn save(State(probe): State<Probe>, cx: Context) {
    cx.finish(async move { probe.hold().await }).await;
}

fn server(probe: &Probe) -> Server {
    probe.builder().tool(stuck).tool(save).build()
}

/// An HTTP server on a port of its own, that ends after a signal.
struct Ending {
    name: &'static str,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: JoinHandle<io::Result<()>>,
}

impl Ending {
    /// Each HTTP server, with its own copy of the same application.
    async fn all(probe: &Probe, deadline: Duration) -> Vec<(Self, Server)> {
        let mut all = Vec::new();
        for name in ["serve", "axum", "hyper"] {
            let server = server(probe);
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (stop, stopped) = oneshot::channel();
            let done = match name {
                "serve" => tokio::spawn(with_serve(listener, server.clone(), stopped, deadline)),
                "axum" => tokio::spawn(with_axum(listener, server.clone(), stopped, deadline)),
                _ => tokio::spawn(with_hyper(listener, server.clone(), stopped, deadline)),
            };
            let stop = Some(stop);
            let ending = Self {
                name,
                address,
                stop,
                done,
            };
            all.push((ending, server));
        }
        all
    }

    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    async fn done(self) {
        let done = timeout(Duration::from_secs(20), self.done).await;
        done.expect(self.name).unwrap().unwrap();
    }
}

async fn with_serve(
    listener: TcpListener,
    server: Server,
    stopped: oneshot::Receiver<()>,
    deadline: Duration,
) -> io::Result<()> {
    let app = ServiceBuilder::new()
        .layer(McpLayer::new(server.clone()))
        .service(serve::not_found());
    serve::serve(listener, app)
        // Calls are stopped a tenth earlier.
        .options(ServeOptions::new().grace(deadline * 2))
        .graceful(async {
            let _ = stopped.await;
        })
        .draining(&server)
        .await
}

async fn with_axum(
    listener: TcpListener,
    server: Server,
    stopped: oneshot::Receiver<()>,
    deadline: Duration,
) -> io::Result<()> {
    let app = axum::Router::new().route_service("/mcp", McpService::new(server.clone()));
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            let _ = stopped.await;
            server.shutdown(deadline).await;
        })
        .await
}

async fn with_hyper(
    listener: TcpListener,
    server: Server,
    stopped: oneshot::Receiver<()>,
    deadline: Duration,
) -> io::Result<()> {
    let service = TowerToHyperService::new(McpService::new(server.clone()));
    let graceful = GracefulShutdown::new();
    let mut stopped = pin!(stopped);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let io = TokioIo::new(accepted?.0);
                let connection = http1::Builder::new().serve_connection(io, service.clone());
                tokio::spawn(graceful.watch(connection));
            }
            _ = &mut stopped => break,
        }
    }
    tokio::join!(server.shutdown(deadline), graceful.shutdown());
    Ok(())
}

async fn start(address: SocketAddr, probe: &Probe, post: &Post) -> Client {
    let mut client = Client::connect(address).await;
    client.write(post).await;
    probe.entered().await;
    client
}

async fn listen(address: SocketAddr) -> Client {
    let filter = json!({"notifications": {"toolsListChanged": true}});
    let mut stream = Client::connect(address).await;
    stream
        .write(&Post::modern("subscriptions/listen", filter))
        .await;
    assert_eq!(stream.head().await.status, 200);
    let acknowledged = stream.event().await.unwrap();
    assert_eq!(
        acknowledged["method"],
        "notifications/subscriptions/acknowledged"
    );
    stream
}

fn call(tool: &str) -> Post {
    Post::call(tool, json!({}))
}

async fn oneshot(service: &McpService, post: Post) -> Reply {
    let reply = service.clone().oneshot(post.request()).await.unwrap();
    let (head, body) = reply.into_parts();
    Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

fn assert_stopped(reply: &Reply) {
    assert_eq!(reply.status, 503, "{reply:?}");
    let message = reply.json();
    assert_eq!(message["id"], 1);
    assert_eq!(message["error"]["message"], "the server is shutting down");
    reply.header("retry-after");
}

/// Whether a future is not done yet.
fn waits<F: Future>(future: Pin<&mut F>) -> bool {
    future
        .poll(&mut std::task::Context::from_waker(Waker::noop()))
        .is_pending()
}

#[tokio::test]
async fn what_runs_is_answered_and_streams_get_their_result() {
    let probe = Probe::default();
    for (mut ending, _) in Ending::all(&probe, LONG).await {
        let mut stream = listen(ending.address).await;
        let mut silent = start(ending.address, &probe, &call("hold")).await;
        ending.stop();
        let last = stream.event().await.unwrap();
        assert!(last["result"].is_object(), "{}: {last}", ending.name);
        assert_eq!(stream.event().await, None, "{}", ending.name);
        probe.release();
        assert_eq!(silent.reply().await.text(), "held", "{}", ending.name);
        ending.done().await;
        probe.finished().await;
        probe.dropped().await;
    }
}

#[tokio::test]
async fn what_does_not_end_is_stopped_at_the_deadline_and_told() {
    let probe = Probe::default();
    for (mut ending, _) in Ending::all(&probe, SHORT).await {
        let mut silent = start(ending.address, &probe, &call("hold")).await;
        let meta = json!({"progressToken": 1});
        let loud = json!({"name": "hold_loudly", "arguments": {}});
        let loud = Post::modern_with("tools/call", loud, meta);
        let mut loud = start(ending.address, &probe, &loud).await;
        ending.stop();
        assert_stopped(&silent.reply().await);
        let last = loud.reply().await.events().pop().unwrap();
        let told = "the server is shutting down";
        assert_eq!(last["error"]["message"], told, "{}: {last}", ending.name);
        ending.done().await;
        probe.dropped().await;
    }
}

#[tokio::test]
async fn new_requests_are_sent_elsewhere_and_answers_are_still_taken() {
    let probe = Probe::default();
    let server = server(&probe);
    let service = McpService::new(server.clone());
    let session = open(&service, "2025-11-25").await;
    let running = tokio::spawn(service.clone().oneshot(call("hold").request()));
    probe.entered().await;
    let drained = server.shutdown(LONG);
    let ping = Post::legacy("ping", json!({})).session(&session);
    for post in [call("hold"), ping, Post::initialize("2025-11-25")] {
        let reply = oneshot(&service, post).await;
        assert_stopped(&reply);
        assert!(reply.headers.get("mcp-session-id").is_none());
    }
    let cancelled = json!({"requestId": 7});
    let cancelled = Post::notification("notifications/cancelled", cancelled).session(&session);
    assert_eq!(oneshot(&service, cancelled).await.status, 202);
    let stream = Post::raw("").verb("GET").session(&session);
    assert_eq!(oneshot(&service, stream).await.status, 503);
    probe.release();
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    let drained = drained.await;
    assert_eq!((drained.finished, drained.cancelled), (1, 0));
}

#[tokio::test]
async fn what_goes_on_without_a_client_is_waited_for() {
    let probe = Probe::default();
    for tool in ["hold", "save"] {
        let server = server(&probe);
        let service = McpService::new(server.clone());
        let session = open(&service, "2025-11-25").await;
        let post = match tool {
            "hold" => Post::legacy_call(tool, json!({})).session(&session),
            _ => call(tool),
        };
        let call = tokio::spawn(service.oneshot(post.request()));
        probe.entered().await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        let mut drained = pin!(server.shutdown(LONG));
        assert!(waits(drained.as_mut()));
        probe.release();
        assert_eq!(drained.await.cancelled, 0);
        probe.finished().await;
        probe.dropped().await;
    }
}

#[tokio::test]
async fn everybody_who_asks_is_told_the_same_and_giving_up_changes_nothing() {
    let probe = Probe::default();
    let server = server(&probe);
    let service = McpService::new(server.clone());
    let call = tokio::spawn(service.clone().oneshot(call("hold").request()));
    probe.entered().await;
    // Somebody asks, and gives up.
    assert!(waits(pin!(server.shutdown(LONG))));
    assert_stopped(&oneshot(&service, self::call("hold")).await);
    let (early, late) = tokio::join!(server.shutdown(SHORT), server.shutdown(LONG));
    assert_eq!((early.finished, early.cancelled), (0, 1));
    assert_eq!(early, late);
    assert_eq!(server.shutdown(Duration::ZERO).await, early);
    assert_eq!(call.await.unwrap().unwrap().status(), 503);
    probe.dropped().await;
}
