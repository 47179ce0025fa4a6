use super::*;
use crate::protocol::RawJson;
use std::future::poll_fn;

fn note(bytes: usize) -> Notification {
    let text = format!("{{\"x\":\"{}\"}}", "y".repeat(bytes));
    Notification::new("notifications/message", &RawJson::from_text(text).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stalled_reader_delays_a_handler_for_a_bounded_time() {
    let link = Link::new();
    link.emit(note(Link::MAX_QUEUED_BYTES - 1000)).await;
    let before = tokio::time::Instant::now();
    link.emit(note(2000)).await;
    assert_eq!(before.elapsed(), Link::STALL);
    let first = poll_fn(|cx| link.poll_next(cx)).await;
    assert!(matches!(first, Some(Outgoing::Notification(_))));
    assert!(!link.has_queued(), "the second notification was dropped");
}

#[tokio::test]
async fn reading_makes_room() {
    let link = Arc::new(Link::new());
    link.emit(note(Link::MAX_QUEUED_BYTES - 1000)).await;
    let writer = tokio::spawn({
        let link = link.clone();
        async move { link.emit(note(2000)).await }
    });
    for _ in 0..2 {
        let next = poll_fn(|cx| link.poll_next(cx)).await;
        assert!(matches!(next, Some(Outgoing::Notification(_))));
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn cancellation_wakes_whoever_waits() {
    let link = Arc::new(Link::new());
    let waiting = tokio::spawn({
        let link = link.clone();
        async move { link.cancelled().await }
    });
    tokio::task::yield_now().await;
    link.cancel(CancelReason::Requested);
    waiting.await.unwrap();
    link.cancelled().await;
}
