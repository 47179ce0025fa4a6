use super::*;
use crate::PeerAddr;
use http::StatusCode;
use http_body_util::Full;
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
};

/// Answers `/slow` when told to, everything else with the peer's address.
#[derive(Clone, Default)]
struct App {
    entered: Arc<Notify>,
    release: Arc<Notify>,
}

impl Service<Request<Incoming>> for App {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let app = self.clone();
        Box::pin(async move {
            if request.uri().path() == "/slow" {
                app.entered.notify_one();
                app.release.notified().await;
            }
            let peer = request.extensions().get::<PeerAddr>().copied();
            Ok(Response::new(Full::from(format!("{peer:?}"))))
        })
    }
}

struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: JoinHandle<io::Result<()>>,
}

async fn start<S, B>(service: S, options: ServeOptions) -> Running
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = serve(listener, service).options(options).graceful(async {
        let _ = stopped.await;
    });
    Running {
        address,
        stop: Some(stop),
        done: tokio::spawn(server.into_future()),
    }
}

async fn get(stream: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Reads one response that fits into one read and has a body.
async fn read(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    while !text.ends_with(')') {
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer).await.unwrap();
        assert_ne!(length, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    text
}

#[tokio::test]
async fn connections_are_kept_and_know_their_peer() {
    let running = start(App::default(), ServeOptions::new()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let port = stream.local_addr().unwrap().port().to_string();
    for _ in 0..2 {
        get(&mut stream, "/").await;
        let text = read(&mut stream).await;
        assert!(text.contains("200 OK") && text.contains(&port), "{text}");
    }
}

#[tokio::test]
async fn headers_that_never_end_close_the_connection() {
    let options = ServeOptions::new().header_time(Duration::from_millis(20));
    let running = start(App::default(), options).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: loc")
        .await
        .unwrap();
    let mut rest = Vec::new();
    // Ends only when the server closes the connection.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_running_request_finishes_after_the_signal() {
    let app = App::default();
    let mut running = start(app.clone(), ServeOptions::new()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    get(&mut stream, "/slow").await;
    app.entered.notified().await;
    running.stop.take().unwrap().send(()).unwrap();
    // The listener is dropped before connections are asked to finish.
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!running.done.is_finished());
    app.release.notify_one();
    assert!(read(&mut stream).await.contains("200 OK"));
    running.done.await.unwrap().unwrap();
}

#[tokio::test]
async fn further_connections_wait_for_their_turn() {
    let app = App::default();
    let running = start(app.clone(), ServeOptions::new().connections(1)).await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    get(&mut first, "/slow").await;
    app.entered.notified().await;
    let mut second = TcpStream::connect(running.address).await.unwrap();
    get(&mut second, "/").await;
    app.release.notify_one();
    assert!(read(&mut first).await.contains("200 OK"));
    drop(first);
    assert!(read(&mut second).await.contains("200 OK"));
}

#[tokio::test]
async fn a_service_without_pages_says_so() {
    let running = start(not_found(), ServeOptions::new()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    get(&mut stream, "/").await;
    let mut buffer = [0; 64];
    let length = stream.read(&mut buffer).await.unwrap();
    assert!(
        buffer[..length].starts_with(b"HTTP/1.1 404"),
        "{}",
        StatusCode::NOT_FOUND
    );
}
