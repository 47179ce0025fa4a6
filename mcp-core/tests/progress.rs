//! How often progress is told.
#![allow(missing_docs, clippy::unwrap_used)] // a failed test may panic

use mcp_core::{
    Context, Facts, Request,
    call::{Link, Outgoing},
    protocol::{Message, Revision},
};
use std::{future::poll_fn, sync::Arc, time::Duration};
use tokio::time::sleep;

fn context() -> (Context, Arc<Link>) {
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"progressToken":7}}}"#;
    let Message::Request(message) = Message::parse(body.as_slice().into(), 64).unwrap() else {
        panic!("a request")
    };
    let link = Arc::new(Link::new());
    let request = Request::new(Facts::new(message, Revision::V2026_07_28));
    (Context::new(request.with_peer(link.clone())), link)
}

/// The values that were sent and not yet read.
async fn sent(link: &Link) -> Vec<f64> {
    let mut values = Vec::new();
    while link.has_queued() {
        if let Some(Outgoing::Notification(notification)) = poll_fn(|cx| link.poll_next(cx)).await {
            let params: serde_json::Value = notification.params.parse().unwrap();
            values.push(params["progress"].as_f64().unwrap());
        }
    }
    values
}

#[tokio::test(start_paused = true)]
async fn slow_updates_all_pass() {
    let (cx, link) = context();
    for done in 0..100 {
        cx.progress(f64::from(done)).await;
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(sent(&link).await.len(), 100);
}

#[tokio::test(start_paused = true)]
async fn fast_updates_are_joined_and_the_newest_follows() {
    let (cx, link) = context();
    for done in 1..=1000 {
        cx.progress(f64::from(done)).await;
    }
    let burst: Vec<_> = (1..=10).map(f64::from).collect();
    assert_eq!(sent(&link).await, burst);
    sleep(Duration::from_millis(51)).await;
    assert_eq!(sent(&link).await, [1000.0]);
    sleep(Duration::from_secs(1)).await;
    assert!(sent(&link).await.is_empty(), "nothing is told twice");
}

#[tokio::test(start_paused = true)]
async fn the_end_is_told_at_once() {
    let (cx, link) = context();
    for done in 1..=1000 {
        cx.progress(f64::from(done)).total(1000.0).await;
    }
    let told = sent(&link).await;
    assert_eq!((told.len(), told.last()), (11, Some(&1000.0)));
    sleep(Duration::from_secs(1)).await;
    assert!(sent(&link).await.is_empty(), "what was held is out of date");
}

#[tokio::test(start_paused = true)]
async fn over_time_there_is_one_per_interval() {
    let (cx, link) = context();
    for done in 0..10_000 {
        cx.progress(f64::from(done)).await;
        sleep(Duration::from_millis(1)).await;
    }
    sleep(Duration::from_secs(1)).await;
    let told = sent(&link).await;
    assert!((190..=212).contains(&told.len()), "{}", told.len());
    assert!(told.is_sorted());
    assert_eq!(told.last(), Some(&9999.0));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_after_the_call() {
    let (cx, link) = context();
    for done in 1..=20 {
        cx.progress(f64::from(done)).await;
    }
    assert_eq!(sent(&link).await.len(), 10);
    drop(cx);
    sleep(Duration::from_secs(1)).await;
    assert!(sent(&link).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_holds_updates_back() {
    let (cx, link) = context();
    cx.progress(1.0)
        .message("x".repeat(Link::MAX_QUEUED_BYTES))
        .await;
    cx.progress(2.0).await;
    cx.progress(3.0).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(sent(&link).await, [1.0]);
    sleep(Duration::from_millis(51)).await;
    assert_eq!(sent(&link).await, [3.0]);
}
