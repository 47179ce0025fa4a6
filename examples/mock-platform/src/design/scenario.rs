//! When a tool answers what.

use super::Condition;
use mcp_tower::{ContentBlock, LogLevel};
use serde_json::Value;

/// One of the answers of a tool, and when it is given.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// For traces.
    pub name: Option<String>,
    /// One that is off never answers.
    pub enabled: bool,
    /// When it answers.
    pub condition: Condition,
    /// What it answers.
    pub response: Response,
    /// Stands for all that it says, as long as the process lasts: another one for a scenario that
    /// says something else.
    pub identity: u64,
}

/// What is answered, and what happens before.
#[derive(Clone, Debug)]
pub struct Response {
    /// What the call comes to.
    pub outcome: Outcome,
    /// How long to wait first, in milliseconds.
    pub delay_ms: u64,
    /// What is told of its progress then.
    pub progress: Vec<ProgressStep>,
    /// What is logged to the client.
    pub log: Vec<LogStep>,
}

/// What a call comes to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Any JSON, with [placeholders](super::pieces) in its strings; what the output schema of the tool
    /// allows, if it has one.
    Response(Value),
    /// Blocks of content as they are; not of a tool with an output schema, which promises structured content.
    Content(Vec<ContentBlock>),
    /// One for each call, and the last one again and again; never empty. Each has its own delay, progress and log.
    Sequence(Vec<Response>),
    /// A failure.
    Error(ErrorOutcome),
}

/// How a call fails.
#[derive(Clone, Debug, PartialEq)]
pub enum ErrorOutcome {
    /// A result with `isError`.
    Tool {
        /// What the model is told.
        message: String,
    },
    /// An error of JSON-RPC.
    Protocol {
        /// Its code.
        code: i64,
        /// Its message.
        message: String,
        /// Its data.
        data: Option<Value>,
    },
    /// Nothing but a status.
    Http {
        /// From 400 to 599.
        status: u16,
    },
    /// The connection ends in the middle of the answer. A stream of events has its head, and the progress
    /// and log of the scenario, and then stops without its end; where the answer would be JSON, the
    /// connection is closed without a byte.
    Disconnect,
}

/// A notification of progress.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgressStep {
    /// More than that of the step before.
    pub progress: f64,
    /// What it will come to.
    pub total: Option<f64>,
    /// What is being done.
    pub message: Option<String>,
    /// How long to wait before it, in milliseconds.
    pub after_ms: u64,
}

/// A log message to the client: `{"level": "info", "message": "…"}`, or only the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStep {
    /// How severe it is; `info` unless said.
    pub level: LogLevel,
    /// Its text.
    pub message: String,
}
