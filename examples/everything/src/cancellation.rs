//! A tool to cancel, and one that tells whether it was.

use mcp_tower::{Context, State, mcp_tool};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Which waits were cancelled, by key.
#[derive(Clone, Default)]
pub(crate) struct Waits(Arc<Mutex<HashMap<String, watch::Sender<bool>>>>);

impl Waits {
    /// Keys come from clients; more of them than this start afresh.
    const MAX: usize = 1000;

    fn begin(&self, key: String) -> watch::Sender<bool> {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waits.len() >= Self::MAX {
            waits.clear();
        }
        waits.entry(key).or_default().clone()
    }

    fn find(&self, key: &str) -> Option<watch::Receiver<bool>> {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.get(key).map(watch::Sender::subscribe)
    }
}

/// Says on its way out that the handler was dropped before its end.
struct Guard(Option<watch::Sender<bool>>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(cancelled) = self.0.take() {
            cancelled.send_replace(true);
        }
    }
}

/// Report progress once, then wait to be cancelled.
#[mcp_tool]
pub(crate) async fn test_wait_for_cancellation(
    /// Names this wait.
    key: String,
    cx: Context,
    State(waits): State<Waits>,
) -> &'static str {
    let mut guard = Guard(Some(waits.begin(key)));
    cx.progress(0.0).message("waiting").await;
    sleep(Duration::from_secs(30)).await;
    guard.0 = None;
    "nobody cancelled"
}

/// Tell whether a wait was cancelled, after waiting for it for a while. Another replica than that
/// of the wait does not know it.
#[mcp_tool(read_only)]
pub(crate) async fn test_cancellation_outcome(
    /// Names the wait.
    key: String,
    State(waits): State<Waits>,
) -> &'static str {
    let Some(mut cancelled) = waits.find(&key) else {
        return "unknown";
    };
    let outcome = timeout(
        Duration::from_secs(5),
        cancelled.wait_for(|cancelled| *cancelled),
    );
    match outcome.await {
        Ok(Ok(_)) => "cancelled",
        _ => "running",
    }
}
