use super::*;
use crate::{
    governor::{Budget, Budgets, Governor, Payer},
    protocol::RawJson,
    response::Payload,
};
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

fn governor(queued: usize) -> Governor {
    Governor::new(Budgets::new().total(Budget::QueuedBytes, queued))
}

fn charged(governor: &Governor) -> Arc<Link> {
    let permit = |budget| governor.acquire(budget, &Payer::unknown(), 1).unwrap();
    Arc::new(Link::new().charged(permit(Budget::Calls), permit(Budget::BodyBytes)))
}

fn used(governor: &Governor, budget: Budget) -> usize {
    governor.snapshot().usage(budget).used
}

#[tokio::test(start_paused = true)]
async fn without_a_budget_a_handler_waits_for_a_bounded_time_and_still_answers() {
    let governor = governor(1000);
    let (full, link) = (charged(&governor), charged(&governor));
    full.emit(note(700)).await;
    let before = tokio::time::Instant::now();
    link.emit(note(700)).await;
    assert_eq!(before.elapsed(), Link::STALL);
    // Its time is used up: no more waiting.
    link.emit(note(700)).await;
    assert_eq!(before.elapsed(), Link::STALL);
    assert!(!link.has_queued());
    link.finish(Payload::Empty.into());
    let answer = poll_fn(|cx| link.poll_next(cx)).await;
    assert!(matches!(answer, Some(Outgoing::Answer(_))));
    drop((full, link));
    assert!(governor.snapshot().is_idle());
}

#[tokio::test(start_paused = true)]
async fn what_others_give_back_is_noticed() {
    let governor = governor(1000);
    let (full, link) = (charged(&governor), charged(&governor));
    full.emit(note(700)).await;
    let writer = tokio::spawn({
        let link = link.clone();
        async move { link.emit(note(700)).await }
    });
    tokio::task::yield_now().await;
    assert!(!link.has_queued());
    full.detach();
    writer.await.unwrap();
    assert!(link.has_queued());
    assert!(used(&governor, Budget::QueuedBytes) > 700);
    poll_fn(|cx| link.poll_next(cx)).await;
    assert_eq!(used(&governor, Budget::QueuedBytes), 0);
}

#[tokio::test]
async fn a_call_counts_until_its_answer_is_taken_or_nobody_waits_for_it() {
    let governor = governor(1000);
    let calls = || used(&governor, Budget::Calls);
    let link = charged(&governor);
    let (call, after) = (Hold::new(&link), Hold::new(&link));
    link.finish(Payload::Empty.into());
    drop((call, after));
    assert_eq!(calls(), 1);
    poll_fn(|cx| link.poll_next(cx)).await;
    assert_eq!(calls(), 0);

    let link = charged(&governor);
    let call = Hold::new(&link);
    link.finish(Payload::Empty.into());
    drop(call);
    link.cancel(CancelReason::Disconnected);
    assert_eq!(calls(), 0);

    let link = charged(&governor);
    let (call, after) = (Hold::new(&link), Hold::new(&link));
    link.detach();
    drop(call);
    assert_eq!(calls(), 1);
    drop(after);
    assert_eq!(calls(), 0);
    assert!(governor.snapshot().is_idle());
}
