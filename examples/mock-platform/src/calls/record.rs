//! One call.

use crate::engine::Trace;
use serde::Serialize;
use serde_json::{Value, json};

/// A call that is over.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CallRecord {
    /// The id of the server.
    pub server: String,
    /// Counts the calls of the server from 1 on.
    pub sequence: u64,
    /// Counts the calls of all servers, in the order in which they are told.
    #[serde(skip)]
    pub(super) position: u64,
    /// The log that it is in.
    #[serde(skip)]
    pub(super) log: u64,
    /// When it was over: RFC 3339, in UTC.
    pub at: String,
    /// The tool that was called.
    pub tool: String,
    /// What it was called with; `{"truncated": <bytes>}` where that was too long to keep.
    pub arguments: Value,
    /// What it came to: `response`, `no match`, `wrong response`, `tool error`, `protocol error`,
    /// `http 503`, `disconnect` or `cancelled`.
    pub outcome: String,
    /// How long it took, delays included.
    pub duration_micros: u64,
    /// How it was decided; nothing where the trace was too long to keep.
    pub trace: Option<Trace>,
}

/// A value, or how long it was if that is more than `most` bytes.
pub(super) fn bounded(value: Value, most: usize) -> Value {
    match serde_json::to_string(&value) {
        Ok(text) if text.len() <= most => value,
        Ok(text) => json!({ "truncated": text.len() }),
        Err(_) => Value::Null,
    }
}
