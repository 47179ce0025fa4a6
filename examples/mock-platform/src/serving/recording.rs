//! Writing down what becomes of a call, whatever that is.

use crate::{
    calls::{Call, CallLog, kept_arguments},
    engine::Trace,
};
use serde_json::{Value, value::RawValue};
use std::{mem, sync::Arc, time::Instant};

/// A call that is written down when it is over; as cancelled, if it never says how it ended.
pub(super) struct Recording {
    calls: Arc<CallLog>,
    started: Instant,
    tool: String,
    arguments: Box<RawValue>,
    outcome: Option<String>,
    /// How it is decided.
    pub(super) trace: Trace,
}

impl Recording {
    pub(super) fn start(calls: &Arc<CallLog>, tool: &str, arguments: &Value, trace: Trace) -> Self {
        Self {
            calls: calls.clone(),
            started: Instant::now(),
            tool: tool.to_owned(),
            arguments: kept_arguments(arguments),
            outcome: None,
            trace,
        }
    }

    /// It ended.
    pub(super) fn finish(mut self, outcome: String) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let outcome = self.outcome.take();
        self.calls.add(Call {
            tool: mem::take(&mut self.tool),
            arguments: mem::take(&mut self.arguments),
            outcome: outcome.unwrap_or_else(|| "cancelled".to_owned()),
            took: self.started.elapsed(),
            trace: Some(mem::take(&mut self.trace)),
        });
    }
}
