//! When a tool answers what.

use super::Condition;
use serde_json::Value;

/// One of the answers of a tool, and when it is given.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: Option<String>,
    pub enabled: bool,
    pub condition: Condition,
    pub response: Response,
}

/// What is answered, and what happens before.
#[derive(Clone, Debug)]
pub struct Response {
    pub outcome: Outcome,
    pub delay_ms: u64,
    pub progress: Vec<ProgressStep>,
    pub log: Vec<LogStep>,
}

/// What a call comes to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Any JSON, with placeholders in its strings.
    Response(Value),
    /// Blocks of content as they are.
    Content(Vec<Value>),
    /// One for each call, and the last one again and again. Each has its own delay, progress and log.
    Sequence(Vec<Response>),
    Error(ErrorOutcome),
}

/// How a call fails.
#[derive(Clone, Debug, PartialEq)]
pub enum ErrorOutcome {
    /// A result with `isError`.
    Tool { message: String },
    /// An error of JSON-RPC.
    Protocol {
        code: i64,
        message: String,
        data: Option<Value>,
    },
    /// Nothing but a status.
    Http { status: u16 },
    /// The connection ends in the middle of the answer.
    Disconnect,
}

/// A notification of progress.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgressStep {
    pub progress: f64,
    pub total: Option<f64>,
    pub message: Option<String>,
    /// How long to wait before it.
    pub after_ms: u64,
}

/// A log message to the client: `{"level": "info", "message": "…"}`, or only the text.
#[derive(Clone, Debug, PartialEq)]
pub struct LogStep {
    pub level: String,
    pub message: String,
}
