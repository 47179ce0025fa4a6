//! What was called: the last calls of each server, and a way to follow all of them.

mod event;
mod follower;
mod followers;
mod record;
mod scope;

pub(crate) use follower::Follower;
pub(crate) use followers::Followers;
pub use followers::MAX_FOLLOWERS;
pub use record::CallRecord;
pub(crate) use scope::Scope;

use crate::engine::Trace;

use event::EventId;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

/// How many calls of a server are kept.
pub const KEPT_CALLS: usize = 1_000;

/// How many calls of all servers together are kept; past it each server makes room among its own, and
/// keeps its last one.
pub const KEPT_CALLS_IN_ALL: usize = 100_000;

/// How many bytes of the arguments of a call are kept; longer ones are only counted.
pub const KEPT_ARGUMENT_BYTES: usize = 4 * 1024;

/// How many bytes of the trace of a call are kept; a longer one is left out.
pub const KEPT_TRACE_BYTES: usize = 16 * 1024;

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
    /// Tells the numbers of this log from those of another one under the same id.
    epoch: u64,
    is_over: AtomicBool,
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
            epoch: followers::epoch(),
            is_over: AtomicBool::new(false),
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
        let record = CallRecord {
            server: self.server.clone(),
            sequence: kept.last,
            position: 0,
            log: self.epoch,
            at,
            tool: call.tool,
            arguments,
            outcome: call.outcome,
            duration_micros: u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
            trace,
        };
        let is_full = kept.calls.len() >= KEPT_CALLS || self.followers.is_full();
        let oldest = is_full.then(|| kept.calls.pop_front()).flatten();
        if oldest.is_none() {
            self.followers.keep(1);
        }
        // In order, so that whoever follows sees each number after the one before.
        self.followers
            .tell(record, |record| kept.calls.push_back(record));
        drop(kept);
        drop(oldest);
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<CallRecord>> {
        self.kept().calls.iter().cloned().collect()
    }

    /// Oldest first, and the id of the event that told of the last one.
    pub(crate) fn all_and_id(&self) -> (Vec<Arc<CallRecord>>, String) {
        let kept = self.kept();
        let id = EventId {
            epoch: self.epoch,
            number: kept.last,
        };
        (kept.calls.iter().cloned().collect(), id.to_string())
    }

    pub(crate) fn clear(&self) {
        let cleared = std::mem::take(&mut self.kept().calls);
        self.followers.forget(cleared.len());
    }

    /// Some of the calls whose number is past one and not past another, oldest first.
    fn between(
        &self,
        number: fn(&CallRecord) -> u64,
        after: u64,
        until: u64,
        most: usize,
    ) -> Vec<Arc<CallRecord>> {
        let kept = self.kept();
        let first = kept.calls.partition_point(|call| number(call) <= after);
        let calls = kept.calls.range(first..).take(most);
        calls
            .take_while(|call| number(call) <= until)
            .cloned()
            .collect()
    }

    /// The number of the last call.
    fn last(&self) -> u64 {
        self.kept().last
    }

    /// The server is gone: whoever follows it hears its last calls, and then nothing more.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.followers.wake();
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
        assert_eq!(followers.kept(), KEPT_CALLS);
        drop(log);
        assert_eq!(followers.kept(), 0);
    }

    #[test]
    fn all_servers_together_keep_so_many() {
        let followers = Followers::new();
        let log = CallLog::new("s".to_owned(), followers.clone());
        followers.keep(KEPT_CALLS_IN_ALL);
        call(&log);
        call(&log);
        assert_eq!(log.all().len(), 1);
        assert_eq!(log.all()[0].sequence, 2);
    }
}
