//! One call.

use super::KEPT_ARGUMENT_BYTES;
use serde::Serialize;
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};

/// A call that is over. What was said and decided is kept as text: as values it would take many times
/// the room.
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
    pub arguments: Box<RawValue>,
    /// What it came to: `response`, `no match`, `wrong response`, `tool error`, `protocol error`,
    /// `http 503`, `disconnect` or `cancelled`.
    pub outcome: String,
    /// How long it took, delays included.
    pub duration_micros: u64,
    /// How it was decided, a [`Trace`](crate::engine::Trace) as JSON; nothing where that was too long
    /// to keep.
    pub trace: Option<Box<RawValue>>,
}

impl CallRecord {
    /// How much memory it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.server, &self.at, &self.tool, &self.outcome];
        let texts = texts.into_iter().map(|text| text.capacity()).sum::<usize>();
        let trace = self.trace.as_ref().map_or(0, |trace| trace.get().len());
        size_of::<Self>() + texts + self.arguments.get().len() + trace
    }
}

/// Arguments as they are kept: how long they were, if that is too long.
pub(crate) fn kept_arguments(arguments: &Value) -> Box<RawValue> {
    match bounded(arguments, KEPT_ARGUMENT_BYTES) {
        Ok(text) => text,
        Err(length) => to_raw_value(&json!({ "truncated": length })).unwrap_or_default(),
    }
}

/// A value as JSON on one line, or how long that is if it is more than `most` bytes.
pub(super) fn bounded(value: &impl Serialize, most: usize) -> Result<Box<RawValue>, usize> {
    let text = to_raw_value(value).unwrap_or_default();
    match text.get().len() {
        length if length <= most => Ok(text),
        length => Err(length),
    }
}
