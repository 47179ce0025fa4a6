//! Writing down what becomes of a call, whatever that is.

use crate::{
    calls::{Call, CallLog},
    engine::Trace,
};
use serde_json::Value;
use std::{sync::Arc, time::Instant};

/// A call that is written down when it is over; as cancelled, if it never says how it ended.
pub(super) struct Recording {
    calls: Arc<CallLog>,
    started: Instant,
    call: Option<Call>,
}

impl Recording {
    pub(super) fn start(calls: &Arc<CallLog>, tool: &str, arguments: Value, trace: Trace) -> Self {
        Self {
            calls: calls.clone(),
            started: Instant::now(),
            call: Some(Call {
                tool: tool.to_owned(),
                arguments,
                outcome: "cancelled".to_owned(),
                took: Default::default(),
                trace: Some(trace),
            }),
        }
    }

    /// It ended.
    pub(super) fn finish(mut self, outcome: String, trace: Trace) {
        if let Some(call) = &mut self.call {
            call.outcome = outcome;
            call.trace = Some(trace);
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(mut call) = self.call.take() {
            call.took = self.started.elapsed();
            self.calls.add(call);
        }
    }
}
