//! What was called: the last calls of each server, and a way to follow all of them.

mod record;

pub use record::CallRecord;

use crate::engine::Trace;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};
use tokio::sync::broadcast;

/// How many calls of a server are kept.
pub const KEPT_CALLS: usize = 1_000;

/// How many calls of all servers together are kept; past it each server makes room among its own, and
/// keeps its last one.
pub const KEPT_CALLS_IN_ALL: usize = 100_000;

/// How many bytes of the arguments of a call are kept; longer ones are only counted.
pub const KEPT_ARGUMENT_BYTES: usize = 4 * 1024;

/// How many bytes of the trace of a call are kept; a longer one is left out.
pub const KEPT_TRACE_BYTES: usize = 16 * 1024;

/// How far whoever follows all calls may fall behind.
const FOLLOWED: usize = 256;

/// Tells those who follow of every call, and counts what is kept.
#[derive(Clone, Debug)]
pub(crate) struct Followers {
    sender: broadcast::Sender<Arc<CallRecord>>,
    kept: Arc<AtomicUsize>,
}

impl Followers {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(FOLLOWED),
            kept: Arc::default(),
        }
    }

    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<CallRecord>> {
        self.sender.subscribe()
    }
}

/// What is known of a call when it is over.
pub(crate) struct Call {
    pub(crate) tool: String,
    pub(crate) arguments: Value,
    pub(crate) outcome: String,
    pub(crate) took: Duration,
    pub(crate) trace: Option<Trace>,
}

/// The calls of one server.
#[derive(Debug)]
pub(crate) struct CallLog {
    server: String,
    followers: Followers,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    calls: VecDeque<Arc<CallRecord>>,
    last: u64,
}

impl CallLog {
    pub(crate) fn new(server: String, followers: Followers) -> Self {
        Self {
            server,
            followers,
            kept: Mutex::default(),
        }
    }

    /// Keeps a call, in the place of the oldest when there are too many.
    pub(crate) fn add(&self, call: Call) {
        let at = crate::clock::rfc3339(SystemTime::now());
        let arguments = record::bounded(call.arguments, KEPT_ARGUMENT_BYTES);
        let trace = call.trace.filter(|trace| {
            serde_json::to_vec(trace).is_ok_and(|text| text.len() <= KEPT_TRACE_BYTES)
        });
        let mut kept = self.kept();
        kept.last += 1;
        let record = Arc::new(CallRecord {
            server: self.server.clone(),
            sequence: kept.last,
            at,
            tool: call.tool,
            arguments,
            outcome: call.outcome,
            duration_micros: u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
            trace,
        });
        let is_full = kept.calls.len() >= KEPT_CALLS
            || self.followers.kept.load(Ordering::Relaxed) >= KEPT_CALLS_IN_ALL;
        let oldest = is_full.then(|| kept.calls.pop_front()).flatten();
        if oldest.is_none() {
            self.followers.kept.fetch_add(1, Ordering::Relaxed);
        }
        kept.calls.push_back(record.clone());
        // In order, so that whoever follows sees each number after the one before.
        // Nobody listens, as a rule.
        let _ = self.followers.sender.send(record);
        drop(kept);
        drop(oldest);
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<CallRecord>> {
        self.kept().calls.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let cleared = std::mem::take(&mut self.kept().calls);
        let kept = &self.followers.kept;
        kept.fetch_sub(cleared.len(), Ordering::Relaxed);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CallLog {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(log: &CallLog) {
        log.add(Call {
            tool: "t".to_owned(),
            arguments: Value::String("x".repeat(KEPT_ARGUMENT_BYTES)),
            outcome: "response".to_owned(),
            took: Duration::ZERO,
            trace: None,
        });
    }

    #[test]
    fn the_oldest_calls_make_room() {
        let followers = Followers::new();
        let log = CallLog::new("s".to_owned(), followers.clone());
        for _ in 0..KEPT_CALLS + 2 {
            call(&log);
        }
        let calls = log.all();
        assert_eq!(calls.len(), KEPT_CALLS);
        assert_eq!(calls[0].sequence, 3);
        assert_eq!(calls[0].arguments["truncated"], KEPT_ARGUMENT_BYTES + 2);
        assert_eq!(followers.kept.load(Ordering::Relaxed), KEPT_CALLS);
        drop(log);
        assert_eq!(followers.kept.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn all_servers_together_keep_so_many() {
        let followers = Followers::new();
        let log = CallLog::new("s".to_owned(), followers.clone());
        followers.kept.store(KEPT_CALLS_IN_ALL, Ordering::Relaxed);
        call(&log);
        call(&log);
        assert_eq!(log.all().len(), 1);
        assert_eq!(log.all()[0].sequence, 2);
    }
}
