//! The end, planned or not.

use super::*;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn requests_that_run_are_answered() {
    let app = App::default();
    let mut server = Local::start(&app, ServeOptions::new());
    let (mut slow, mut idle, mut fresh) = (server.connect(), server.connect(), server.connect());
    assert_eq!(get(&mut idle, "/").await, "hello");
    send(&mut slow, "/slow").await;
    app.0.entered.notified().await;
    server.stop().await;
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(rest(&mut fresh).await, "");
    assert!(!server.done.is_finished());
    app.0.release.notify_one();
    let rest = rest(&mut slow).await;
    assert!(
        rest.contains("connection: close") && rest.ends_with("hello"),
        "{rest}"
    );
    server.done.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_does_not_finish_is_cut_off() {
    let app = App::default();
    let options = ServeOptions::new().grace(Duration::from_secs(10));
    let mut server = Local::start(&app, options);
    let (mut slow, mut stream) = (server.connect(), server.connect());
    send(&mut stream, "/stream").await;
    read_head(&mut stream).await;
    send(&mut slow, "/slow").await;
    app.0.entered.notified().await;
    let start = Instant::now();
    server.stop().await;
    assert_eq!(rest(&mut slow).await, "");
    assert_eq!(rest(&mut stream).await, "5\r\nevent\r\n");
    app.0.dropped.notified().await;
    server.done.await.unwrap().unwrap();
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_client_on_http2_is_told() {
    let app = App::default();
    let mut server = Local::start(&app, ServeOptions::new());
    let mut client = http2::Client::connect(server.connect()).await;
    client.send(1, "/slow").await;
    app.0.entered.notified().await;
    server.stop().await;
    client.until(http2::GOAWAY).await;
    app.0.release.notify_one();
    assert_eq!(client.read(1).await, "hello");
    client.until_closed().await;
    server.done.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_on_http2_is_cut_off_too() {
    let app = App::default();
    let mut server = Local::start(&app, ServeOptions::new());
    let mut client = http2::Client::connect(server.connect()).await;
    client.send(1, "/slow").await;
    app.0.entered.notified().await;
    server.stop().await;
    client.until_closed().await;
    app.0.dropped.notified().await;
    server.done.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn dropping_the_server_closes_everything() {
    let app = App::default();
    let server = Local::start(&app, ServeOptions::new());
    let mut slow = server.connect();
    send(&mut slow, "/slow").await;
    app.0.entered.notified().await;
    server.done.abort();
    assert_eq!(rest(&mut slow).await, "");
    app.0.dropped.notified().await;
    server.accept.closed().await;
}

#[test]
fn construction_needs_no_runtime() {
    let (_accept, accepted) = mpsc::unbounded_channel();
    let server = serve(Memory(accepted), App::default()).graceful(async {});
    assert!(format!("{server:?}").starts_with("Serve { options: ServeOptions"));
    drop(server.into_future());
}
