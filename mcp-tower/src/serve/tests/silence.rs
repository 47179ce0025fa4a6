//! Clients that say nothing, or not enough.

use super::*;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

fn options() -> ServeOptions {
    ServeOptions::new()
        .header_time(30 * SECOND)
        .idle_time(75 * SECOND)
}

/// How many seconds the server leaves a connection open that sends this much of a request.
async fn patience(beginning: &[u8]) -> u64 {
    let server = Local::start(&App::default(), options());
    let mut io = server.connect();
    let start = Instant::now();
    io.write_all(beginning).await.unwrap();
    rest(&mut io).await;
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn connections_without_a_request_are_closed() {
    let table: [&[u8]; 5] = [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nhost: loc",
        b"PRI * HTTP/2.0\r\n",
        // The preface and empty settings.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    ];
    for beginning in table {
        let patience = patience(beginning).await;
        assert_eq!(patience, 30, "{}", beginning.escape_ascii());
    }
}

#[tokio::test(start_paused = true)]
async fn dribbling_does_not_help() {
    let server = Local::start(&App::default(), options());
    let mut io = server.connect();
    let start = Instant::now();
    let head = "GET / HTTP/1.1\r\n".bytes().chain(std::iter::repeat(b'a'));
    for byte in head {
        if io.write_u8(byte).await.is_err() {
            break;
        }
        sleep(SECOND).await;
    }
    assert!(start.elapsed() <= 31 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_later() {
    let server = Local::start(&App::default(), options());
    for next in ["", "GET / HTTP/1.1\r\nhost: loc"] {
        let mut io = server.connect();
        sleep(20 * SECOND).await;
        assert_eq!(get(&mut io, "/").await, "hello");
        // Longer than a new connection may take.
        sleep(60 * SECOND).await;
        assert_eq!(get(&mut io, "/").await, "hello");
        let start = Instant::now();
        io.write_all(next.as_bytes()).await.unwrap();
        assert_eq!(rest(&mut io).await, "");
        assert_eq!(start.elapsed().as_secs(), 75, "{next}");
    }
}

#[tokio::test(start_paused = true)]
async fn running_requests_are_not_silence() {
    let app = App::default();
    let server = Local::start(&app, options());
    let mut io = server.connect();
    send(&mut io, "/slow").await;
    sleep(3_600 * SECOND).await;
    app.0.release.notify_one();
    assert_eq!(read(&mut io).await.1, "hello");

    send(&mut io, "/stream").await;
    read_head(&mut io).await;
    sleep(3_600 * SECOND).await;
    app.0.release.notify_one();
    // The chunk, and the end of the body.
    let mut chunks = [0; 15];
    io.read_exact(&mut chunks).await.unwrap();
    assert_eq!(&chunks, b"5\r\nevent\r\n0\r\n\r\n");

    let start = Instant::now();
    rest(&mut io).await;
    assert_eq!(start.elapsed().as_secs(), 75);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_closed() {
    let server = Local::start(&App::default(), options());
    let (mut client, stream) = duplex(16);
    server.accept.send(Ok(stream)).unwrap();
    // The response does not fit into what is underway, so it waits for the client.
    send(&mut client, "/").await;
    sleep(100 * SECOND).await;
    let rest = rest(&mut client).await;
    assert_eq!(rest.len(), 16, "{rest}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stops_reading_in_mid_response_is_cut_off() {
    let app = App::default();
    let server = Local::start(&app, options().write_time(40 * SECOND));
    let (mut client, stream) = duplex(64);
    server.accept.send(Ok(stream)).unwrap();
    send(&mut client, "/flood").await;
    app.0.entered.notified().await;
    // A little is something.
    for _ in 0..3 {
        sleep(30 * SECOND).await;
        client.read_exact(&mut [0; 64]).await.unwrap();
    }
    let start = Instant::now();
    app.0.dropped.notified().await;
    assert_eq!(start.elapsed().as_secs(), 40);
    assert_eq!(rest(&mut client).await.len(), 64);
}

#[tokio::test(start_paused = true)]
async fn an_upgraded_connection_may_wait_for_its_client() {
    let server = Local::start(&App::default(), options().write_time(40 * SECOND));
    let (mut io, stream) = duplex(256);
    server.accept.send(Ok(stream)).unwrap();
    let request = "GET /echo HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
    io.write_all(request.as_bytes()).await.unwrap();
    assert!(read_head(&mut io).await.starts_with("HTTP/1.1 101"));
    for _ in 0..8 {
        io.write_all(&[b'a'; 64]).await.unwrap();
    }
    sleep(3_600 * SECOND).await;
    let mut answer = [0; 8 * 64];
    io.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [b'A'; 8 * 64]);
}

#[tokio::test(start_paused = true)]
async fn an_upgraded_connection_is_its_owners() {
    let server = Local::start(&App::default(), options());
    let mut io = server.connect();
    let request = "GET /echo HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
    io.write_all(request.as_bytes()).await.unwrap();
    assert!(read_head(&mut io).await.starts_with("HTTP/1.1 101"));
    let mut answer = [0; 3];
    for _ in 0..2 {
        io.write_all(b"abc").await.unwrap();
        io.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"ABC");
        sleep(3_600 * SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_takes_no_longer_than_a_request() {
    struct Never(mpsc::Receiver<oneshot::Sender<()>>);

    impl Listener for Never {
        type Io = DuplexStream;
        type Handshake = BoxFuture<'static, io::Result<Accepted<DuplexStream>>>;

        async fn accept(&mut self) -> io::Result<Self::Handshake> {
            let given_up = self.0.recv().await.ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(Box::pin(async move {
                let _given_up = given_up;
                pending().await
            }))
        }
    }

    let (connect, accepted) = mpsc::channel(2);
    let server = serve(Never(accepted), App::default()).options(options());
    let server = tokio::spawn(server.into_future());
    let start = Instant::now();
    // The second one does not wait for the first.
    let mut closed = Vec::new();
    for _ in 0..2 {
        let (sender, receiver) = oneshot::channel();
        connect.send(sender).await.unwrap();
        closed.push(receiver);
    }
    for closed in closed {
        let _ = timeout(60 * SECOND, closed).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 30);
    }
    server.abort();
}
