//! Real sockets.

use super::*;
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn requests_over_tcp_know_their_peer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, App::default()).into_future());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let peer = crate::PeerAddr(stream.local_addr().unwrap());
    for _ in 0..2 {
        assert_eq!(get(&mut stream, "/peer").await, format!("{:?}", Some(peer)));
    }
    server.abort();
}

#[tokio::test]
async fn small_writes_are_not_held_back() {
    let mut listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let _client = TcpStream::connect(address).await.unwrap();
    let accepted = Listener::accept(&mut listener)
        .await
        .unwrap()
        .await
        .unwrap();
    assert!(accepted.io.nodelay().unwrap());
}

#[tokio::test]
async fn new_clients_are_refused_after_the_signal() {
    let app = App::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = serve(listener, app.clone()).graceful(async {
        let _ = stopped.await;
    });
    let server = tokio::spawn(server.into_future());
    let mut stream = TcpStream::connect(address).await.unwrap();
    send(&mut stream, "/slow").await;
    app.0.entered.notified().await;
    stop.send(()).unwrap();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    app.0.release.notify_one();
    assert_eq!(read(&mut stream).await.1, "hello");
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_the_listener_knows_reaches_requests() {
    struct Known(TcpListener);

    #[derive(Clone)]
    struct Name(&'static str);

    impl Listener for Known {
        type Io = TcpStream;
        type Handshake = std::future::Ready<io::Result<Accepted<TcpStream>>>;

        async fn accept(&mut self) -> io::Result<Self::Handshake> {
            let (stream, _) = self.0.accept().await?;
            Ok(ready(Ok(Accepted::new(stream).extension(Name("ada")))))
        }
    }

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = tower::service_fn(|request: Request<Incoming>| async move {
        let name = request
            .extensions()
            .get()
            .map_or("nobody", |Name(name)| *name);
        let peer = request.extensions().get::<crate::PeerAddr>();
        Ok::<_, Infallible>(text(format!("{name} {peer:?}")))
    });
    let server = tokio::spawn(serve(Known(listener), app).into_future());
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(get(&mut stream, "/").await, "ada None");
    server.abort();
}

#[cfg(unix)]
#[tokio::test]
async fn unix_sockets_are_served() {
    let folder = std::env::temp_dir();
    let path = folder.join(format!("mcp-tower-serve-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let server = tokio::spawn(serve(listener, App::default()).into_future());
    let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(get(&mut stream, "/peer").await, "None");
    server.abort();
}
