//! What was called: the last calls of each server, and a way to follow all of them.

mod record;

pub use record::CallRecord;

use crate::engine::Trace;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::sync::broadcast;

/// How many calls of a server are kept.
pub const KEPT_CALLS: usize = 1_000;

/// How many bytes of the arguments of a call are kept; longer ones are only counted.
pub const KEPT_ARGUMENT_BYTES: usize = 4 * 1024;

/// How many bytes of the trace of a call are kept; a longer one is left out.
pub const KEPT_TRACE_BYTES: usize = 16 * 1024;

/// How far whoever follows all calls may fall behind.
const FOLLOWED: usize = 256;

/// Tells those who follow of every call.
#[derive(Clone, Debug)]
pub(crate) struct Followers(broadcast::Sender<Arc<CallRecord>>);

impl Followers {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(FOLLOWED))
    }

    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<CallRecord>> {
        self.0.subscribe()
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
        let oldest = match kept.calls.len() {
            KEPT_CALLS => kept.calls.pop_front(),
            _ => None,
        };
        kept.calls.push_back(record.clone());
        // In order, so that whoever follows sees each number after the one before.
        // Nobody listens, as a rule.
        let _ = self.followers.0.send(record);
        drop(kept);
        drop(oldest);
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<CallRecord>> {
        self.kept().calls.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let cleared = std::mem::take(&mut self.kept().calls);
        drop(cleared);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
