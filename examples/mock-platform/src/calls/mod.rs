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
pub(crate) use record::kept_arguments;
pub(crate) use scope::Scope;

use crate::engine::Trace;

use event::EventId;
use serde_json::value::RawValue;
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

/// How many bytes the calls that are kept of all servers take together; past it each server makes room
/// among its own, and keeps its last one.
pub const KEPT_BYTES_IN_ALL: usize = 256 * 1024 * 1024;

/// How many bytes of the arguments of a call are kept; longer ones are only counted.
pub const KEPT_ARGUMENT_BYTES: usize = 4 * 1024;

/// How many bytes of the trace of a call are kept; a longer one is left out.
pub const KEPT_TRACE_BYTES: usize = 16 * 1024;

/// What is known of a call when it is over.
pub(crate) struct Call {
    pub(crate) tool: String,
    /// As [`kept_arguments`] has them.
    pub(crate) arguments: Box<RawValue>,
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

    /// Keeps a call, in the place of the oldest when there are too many, or they take too much.
    pub(crate) fn add(&self, call: Call) {
        let at = crate::clock::rfc3339(SystemTime::now());
        let trace = call.trace.as_ref();
        let trace = trace.and_then(|trace| record::bounded(trace, KEPT_TRACE_BYTES).ok());
        let mut kept = self.kept();
        kept.last += 1;
        let record = CallRecord {
            server: self.server.clone(),
            sequence: kept.last,
            position: 0,
            log: self.epoch,
            at,
            tool: call.tool,
            arguments: call.arguments,
            outcome: call.outcome,
            duration_micros: u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
            trace,
        };
        let bytes = record.bytes();
        let mut oldest = Vec::new();
        while kept.calls.len() >= KEPT_CALLS || self.followers.is_full_for(bytes) {
            let Some(call) = kept.calls.pop_front() else {
                break;
            };
            self.followers.forget([&call]);
            oldest.push(call);
        }
        self.followers.keep(1, bytes);
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
        self.followers.forget(&cleared);
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
    use serde_json::{Value, json};

    /// A log that is alone.
    fn log() -> (CallLog, Followers) {
        let followers = Followers::new();
        (CallLog::new("s".to_owned(), followers.clone()), followers)
    }

    fn call(log: &CallLog, arguments: &Value) {
        log.add(Call {
            tool: "t".to_owned(),
            arguments: kept_arguments(arguments),
            outcome: "response".to_owned(),
            took: Duration::ZERO,
            trace: None,
        });
    }

    #[test]
    fn the_oldest_calls_make_room() {
        let (log, followers) = log();
        for _ in 0..KEPT_CALLS + 2 {
            call(&log, &json!("x".repeat(KEPT_ARGUMENT_BYTES)));
        }
        let calls = log.all();
        assert_eq!(calls.len(), KEPT_CALLS);
        assert_eq!(calls[0].sequence, 3);
        let length = KEPT_ARGUMENT_BYTES + 2;
        let arguments = calls[0].arguments.get();
        assert_eq!(arguments, json!({ "truncated": length }).to_string());
        let bytes = calls.iter().map(|call| call.bytes()).sum();
        assert_eq!(followers.kept(), (KEPT_CALLS, bytes));
        drop(log);
        assert_eq!(followers.kept(), (0, 0));
    }

    #[test]
    fn all_servers_together_keep_so_many() {
        let (log, followers) = log();
        followers.keep(KEPT_CALLS_IN_ALL, 0);
        call(&log, &json!({}));
        call(&log, &json!({}));
        assert_eq!(log.all().len(), 1);
        assert_eq!(log.all()[0].sequence, 2);
    }

    #[test]
    fn all_servers_together_keep_so_many_bytes() {
        let (log, followers) = log();
        for _ in 0..10 {
            call(&log, &json!({}));
        }
        let small = log.all()[9].bytes();
        let room = KEPT_BYTES_IN_ALL - followers.kept().1;
        followers.keep(0, room);
        // One that is longer takes the place of several.
        call(&log, &json!("x".repeat(small)));
        let calls = log.all();
        assert_eq!(calls.len(), 9);
        assert_eq!(calls[8].sequence, 11);
        assert!(followers.kept().1 <= KEPT_BYTES_IN_ALL);
        // Where others have everything, the last one is kept all the same.
        followers.keep(0, KEPT_BYTES_IN_ALL);
        call(&log, &json!({}));
        assert_eq!(log.all().len(), 1);
        assert_eq!(log.all()[0].sequence, 12);
    }

    #[test]
    fn calls_take_what_they_are_said_to_take() {
        let (log, followers) = log();
        // As a tree they would be dozens of times as much.
        let arguments = json!({"a": vec![1; 2_000]});
        let measured = allocation_counter::measure(|| {
            for _ in 0..KEPT_CALLS {
                call(&log, &arguments);
            }
        });
        let told = followers.kept().1 as i64;
        assert!(told < 5_000_000, "{told} bytes");
        let kept = measured.bytes_current;
        assert!(kept <= told + told / 10, "{kept} bytes, not {told}");
    }
}
