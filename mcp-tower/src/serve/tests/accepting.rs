//! What ends a connection does not end the server.

use super::*;
use std::time::Duration;
use tokio::time::{Instant, timeout};

#[tokio::test(start_paused = true)]
async fn errors_pass() {
    let server = Local::start(&App::default(), ServeOptions::new());
    let start = Instant::now();
    for kind in [
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionReset,
    ] {
        server.accept.send(Err(kind.into())).unwrap();
    }
    let mut first = server.connect();
    assert_eq!(get(&mut first, "/").await, "hello");
    assert_eq!(start.elapsed(), Duration::ZERO);
    // Too many open files.
    let error = || Err(io::Error::from_raw_os_error(24));
    server.accept.send(error()).unwrap();
    assert_eq!(get(&mut server.connect(), "/").await, "hello");
    assert_eq!(start.elapsed().as_secs(), 1);
    // A connection that ends makes room, so there is no need to wait longer.
    server.accept.send(error()).unwrap();
    tokio::task::yield_now().await;
    drop(first);
    assert_eq!(get(&mut server.connect(), "/").await, "hello");
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_one_connection() {
    let server = Local::start(&App::default(), ServeOptions::new());
    for path in ["/panic", "/fail"] {
        let (mut bad, mut good) = (server.connect(), server.connect());
        assert_eq!(get(&mut good, "/").await, "hello");
        send(&mut bad, path).await;
        assert_eq!(rest(&mut bad).await, "");
        assert_eq!(get(&mut good, "/").await, "hello");
        assert_eq!(get(&mut server.connect(), "/").await, "hello");
    }
}

#[tokio::test(start_paused = true)]
async fn further_connections_wait_for_their_turn() {
    let server = Local::start(&App::default(), ServeOptions::new().connections(2));
    let mut idle = server.connect();
    assert_eq!(get(&mut idle, "/").await, "hello");
    let mut upgraded = server.connect();
    let request = "GET /echo HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
    upgraded.write_all(request.as_bytes()).await.unwrap();
    read_head(&mut upgraded).await;

    let mut third = server.connect();
    send(&mut third, "/").await;
    let second = Duration::from_secs(1);
    assert!(timeout(second, third.read_u8()).await.is_err());
    // An upgraded connection counts until it is closed.
    drop(upgraded);
    assert_eq!(read(&mut third).await.1, "hello");

    let mut fourth = server.connect();
    send(&mut fourth, "/").await;
    assert!(timeout(second, fourth.read_u8()).await.is_err());
    drop(idle);
    assert_eq!(read(&mut fourth).await.1, "hello");
}

#[tokio::test(start_paused = true)]
async fn at_least_one_connection_is_served() {
    let server = Local::start(&App::default(), ServeOptions::new().connections(0));
    assert_eq!(get(&mut server.connect(), "/").await, "hello");
    let server = Local::start(&App::default(), ServeOptions::new().connections(usize::MAX));
    assert_eq!(get(&mut server.connect(), "/").await, "hello");
}

#[tokio::test(start_paused = true)]
async fn headers_are_limited() {
    for (limit, length, expected) in [
        (0, 7_000, "HTTP/1.1 200 OK"),
        (0, 9_000, "HTTP/1.1 431 Request Header Fields Too Large"),
        (16 * 1024, 9_000, "HTTP/1.1 200 OK"),
        (
            16 * 1024,
            17_000,
            "HTTP/1.1 431 Request Header Fields Too Large",
        ),
    ] {
        let server = Local::start(&App::default(), ServeOptions::new().header_bytes(limit));
        let mut io = server.connect();
        let long = "a".repeat(length);
        let request = format!("GET / HTTP/1.1\r\nhost: a\r\nlong: {long}\r\n\r\n");
        io.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(read(&mut io).await.0, expected, "{limit} {length}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_limit_of_time_is_no_overflow() {
    let options = ServeOptions::new()
        .header_time(Duration::MAX)
        .idle_time(Duration::MAX)
        .ping_time(Duration::MAX)
        .grace(Duration::MAX);
    let mut server = Local::start(&App::default(), options);
    let mut io = server.connect();
    assert_eq!(get(&mut io, "/").await, "hello");
    let mut client = http2::Client::connect(server.connect()).await;
    assert_eq!(client.get(1, "/").await, "hello");
    tokio::time::sleep(Duration::from_secs(86_400)).await;
    assert_eq!(get(&mut io, "/").await, "hello");
    assert_eq!(client.get(3, "/").await, "hello");
    drop(client);
    server.stop().await;
    server.done.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_service_without_pages_says_so() {
    let (accept, accepted) = mpsc::unbounded_channel();
    let server = tokio::spawn(serve(Memory(accepted), not_found()).into_future());
    let (mut client, stream) = duplex(1024);
    accept.send(Ok(stream)).unwrap();
    send(&mut client, "/").await;
    assert_eq!(read(&mut client).await.0, "HTTP/1.1 404 Not Found");
    server.abort();
}
