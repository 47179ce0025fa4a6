//! What an outcome comes to.

use crate::design::{ErrorOutcome, Outcome};
use crate::engine::Fill;
use mcp_tower::{
    ToolResult,
    protocol::{ErrorCode, ErrorObject, RawJson},
};
use serde_json::{Value, json};

/// What is answered in the end.
#[derive(Debug)]
pub(super) enum Answer {
    Result(ToolResult),
    Protocol(ErrorObject),
    Status(u16),
    Disconnect,
}

/// Turns an outcome into an answer; `respond` makes one of a value that was filled.
pub(super) fn answer(
    outcome: &Outcome,
    fill: Fill<'_>,
    respond: impl FnOnce(&Value) -> Answer,
) -> Answer {
    match outcome {
        Outcome::Response(response) => respond(&fill.value(response)),
        Outcome::Content(blocks) => {
            let mut result = ToolResult::new();
            result.content.clone_from(blocks);
            Answer::Result(result)
        }
        // Whoever asks has picked one of its answers.
        Outcome::Sequence(_) => Answer::Result(ToolResult::new()),
        Outcome::Error(error) => failure(error),
    }
}

fn failure(error: &ErrorOutcome) -> Answer {
    match error {
        ErrorOutcome::Tool { message } => Answer::Result(ToolResult::error(message.clone())),
        ErrorOutcome::Protocol {
            code,
            message,
            data,
        } => {
            let error = ErrorObject::new(ErrorCode(*code), message.clone());
            Answer::Protocol(match data {
                Some(data) => error.with_data(data),
                None => error,
            })
        }
        ErrorOutcome::Http { status } => Answer::Status(*status),
        ErrorOutcome::Disconnect => Answer::Disconnect,
    }
}

/// A string as it is, anything else as compact JSON in the order of its design.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value as the result of a tool.
pub(super) fn result(value: &Value, structured: bool) -> ToolResult {
    let mut result = ToolResult::text(text(value));
    if structured {
        result.structured_content = RawJson::from_serialize(value).ok();
    }
    result
}

impl Answer {
    /// Its name in the log of calls.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Result(result) if result.is_error => "tool error".to_owned(),
            Self::Result(_) => "response".to_owned(),
            Self::Protocol(_) => "protocol error".to_owned(),
            Self::Status(status) => format!("http {status}"),
            Self::Disconnect => "disconnect".to_owned(),
        }
    }

    /// As JSON, for people.
    pub(super) fn shown(&self) -> Value {
        match self {
            Self::Result(result) => serde_json::to_value(result).unwrap_or_default(),
            Self::Protocol(error) => json!({ "error": error }),
            Self::Status(status) => json!({ "status": status }),
            Self::Disconnect => json!({ "disconnect": true }),
        }
    }
}
