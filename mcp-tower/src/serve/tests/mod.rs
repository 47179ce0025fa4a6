//! Most of these run in memory and in virtual time: waiting costs nothing and no test guesses how
//! long something takes. What is about sockets is in `sockets`.

mod accepting;
mod http2;
mod shutdown;
mod silence;
mod sockets;

use super::*;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use std::{convert::Infallible, future::ready, io};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex},
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
};

type TestBody = UnsyncBoxBody<Bytes, Infallible>;

/// What tests talk to; the path says what happens.
#[derive(Clone, Default)]
struct App(Arc<Steps>);

#[derive(Default)]
struct Steps {
    entered: Notify,
    release: Notify,
    dropped: Notify,
}

impl Service<Request<Incoming>> for App {
    type Response = Response<TestBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), BoxError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let steps = self.0.clone();
        Box::pin(async move {
            match request.uri().path() {
                "/slow" => {
                    let _dropped = NotifyOnDrop(&steps.dropped);
                    steps.entered.notify_one();
                    steps.release.notified().await;
                }
                "/stream" => return Ok(Response::new(stream(steps))),
                "/flood" => return Ok(Response::new(flood(steps))),
                "/fail" => return Err("failed".into()),
                "/panic" => panic!("a panic of the test's own"),
                "/echo" => return Ok(upgrade(request)),
                "/peer" => {
                    let peer = request.extensions().get::<crate::PeerAddr>();
                    return Ok(text(format!("{peer:?}")));
                }
                _ => {}
            }
            Ok(text("hello"))
        })
    }
}

struct NotifyOnDrop<'a>(&'a Notify);

impl Drop for NotifyOnDrop<'_> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

fn text(text: impl Into<Bytes>) -> Response<TestBody> {
    Response::new(Full::new(text.into()).boxed_unsync())
}

/// One chunk, and the end when released.
fn stream(steps: Arc<Steps>) -> TestBody {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let chunk = Frame::data(Bytes::from_static(b"event"));
        let _ = sender.send(chunk);
        steps.release.notified().await;
    });
    let chunks = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|chunk| (Ok(chunk), receiver))
    });
    StreamBody::new(chunks).boxed_unsync()
}

/// More than anybody reads.
fn flood(steps: Arc<Steps>) -> TestBody {
    struct Dropped(Arc<Steps>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.dropped.notify_one();
        }
    }

    steps.entered.notify_one();
    let dropped = Dropped(steps);
    let chunks = futures_util::stream::repeat_with(move || {
        let _ = &dropped;
        Ok(Frame::data(Bytes::from_static(&[b'x'; 1024])))
    });
    StreamBody::new(chunks).boxed_unsync()
}

/// Answers with what it gets, in capitals, until the client leaves.
fn upgrade(request: Request<Incoming>) -> Response<TestBody> {
    let is_tunnel = request.method() == http::Method::CONNECT;
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await.unwrap();
        let mut io = hyper_util::rt::TokioIo::new(upgraded);
        let mut buffer = [0; 64];
        while let Ok(length @ 1..) = io.read(&mut buffer).await {
            buffer[..length].make_ascii_uppercase();
            io.write_all(&buffer[..length]).await.unwrap();
        }
    });
    let mut response = text("");
    if !is_tunnel {
        *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert("connection", "upgrade".parse().unwrap());
        headers.insert("upgrade", "echo".parse().unwrap());
    }
    response
}

/// Connections in memory, or errors.
struct Memory(mpsc::UnboundedReceiver<io::Result<DuplexStream>>);

impl Listener for Memory {
    type Io = DuplexStream;
    type Handshake = std::future::Ready<io::Result<Accepted<DuplexStream>>>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        match self.0.recv().await {
            Some(Ok(stream)) => Ok(ready(Ok(Accepted::new(stream)))),
            Some(Err(error)) => Err(error),
            None => pending().await,
        }
    }
}

/// A server in memory.
struct Local {
    accept: mpsc::UnboundedSender<io::Result<DuplexStream>>,
    stop: Option<oneshot::Sender<()>>,
    done: JoinHandle<io::Result<()>>,
}

impl Local {
    fn start(app: &App, options: ServeOptions) -> Self {
        let (accept, accepted) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let server = serve(Memory(accepted), app.clone())
            .options(options)
            .graceful(async {
                let _ = stopped.await;
            });
        Self {
            accept,
            stop: Some(stop),
            done: tokio::spawn(server.into_future()),
        }
    }

    fn connect(&self) -> DuplexStream {
        let (client, server) = duplex(64 * 1024);
        self.accept.send(Ok(server)).unwrap();
        client
    }

    /// Sends the signal and waits until the listener is closed.
    async fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.accept.closed().await;
    }
}

async fn send(io: &mut (impl AsyncWrite + Unpin), path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    io.write_all(request.as_bytes()).await.unwrap();
}

/// The head of one response.
async fn read_head(io: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.expect("the connection was closed"));
    }
    String::from_utf8(head).unwrap()
}

/// One response with a `Content-Length`: its status line, and its body.
async fn read(io: &mut (impl AsyncRead + Unpin)) -> (String, String) {
    let head = read_head(io).await;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    io.read_exact(&mut body).await.unwrap();
    let status = head.lines().next().unwrap().to_owned();
    (status, String::from_utf8(body).unwrap())
}

async fn get(io: &mut (impl AsyncRead + AsyncWrite + Unpin), path: &str) -> String {
    send(io, path).await;
    let (status, body) = read(io).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    body
}

/// What comes until the server closes the connection.
async fn rest(io: &mut (impl AsyncRead + Unpin)) -> String {
    let mut rest = Vec::new();
    let _ = io.read_to_end(&mut rest).await;
    String::from_utf8_lossy(&rest).into_owned()
}
