//! Tools: from arguments to a decision, and from that to a result.

use super::{
    cut::{Cut, cut},
    hosted::ServerState,
    outcome::{self, Answer},
    recording::Recording,
    steps,
};
use crate::{
    design::{Response, ToolDesign},
    engine::{self, Chosen, Trace},
    platform::TestReport,
};
use mcp_tower::{
    Context, Entry, ToolError, ToolResult,
    protocol::{Era, ErrorObject, RawJson, Tool},
};
use serde_json::Value;
use std::sync::Arc;

/// What the trace of a decision is called in a result.
const TRACE: &str = "dev.mock/trace";

/// The entry of a tool, which is at a place of its design.
pub(super) fn entry(state: &Arc<ServerState>, place: usize, design: &ToolDesign) -> Entry<Tool> {
    let mut tool = Tool::new(design.name.clone());
    tool.title = design.title.clone().map(Into::into);
    tool.description = design.description.clone().map(Into::into);
    // Values always serialize; annotations were read before, when the design was.
    if let Ok(schema) = RawJson::from_serialize(&design.input_schema) {
        tool.input_schema = schema;
    }
    let schema = design.output_schema.as_ref();
    tool.output_schema = schema.and_then(|schema| RawJson::from_serialize(schema).ok());
    let annotations = design.annotations.clone();
    tool.annotations = annotations.and_then(|hints| serde_json::from_value(hints).ok());
    let state = state.clone();
    Entry::tool(tool, move |arguments: RawJson, cx: Context| {
        let state = state.clone();
        async move { call(&state, place, &arguments, &cx).await }
    })
}

async fn call(
    state: &ServerState,
    place: usize,
    arguments: &RawJson,
    cx: &Context,
) -> Result<ToolResult, ToolError> {
    let unreadable = |_| ErrorObject::invalid_params("Invalid params: arguments cannot be read");
    let arguments: Value = arguments.parse().map_err(unreadable).map_err(ToolError::protocol)?;
    let tool = state.design.tools.get(place);
    let tool = tool.ok_or_else(|| ToolError::internal("a tool is not in its design"))?;
    let decision = engine::decide(tool, &arguments);
    let recording = Recording::start(
        &state.calls,
        &tool.name,
        arguments.clone(),
        decision.trace.clone(),
    );
    let response = match decision.chosen {
        Chosen::Scenario(_, scenario) => Some(state.counters.step(&tool.name, scenario)),
        Chosen::Default(_) | Chosen::Nothing => None,
    };
    if let Some(response) = response {
        steps::before(response, cx).await;
    }
    let is_modern = cx.facts().revision.era() == Era::Modern;
    let mut answer = answer(state, tool, &decision.chosen, response, &arguments, is_modern);
    if state.design.debug {
        show_trace(&mut answer, &decision.trace);
    }
    recording.finish(name(&answer, &decision.chosen));
    told(answer, cx)
}

/// What is answered once nothing is to be waited for any more.
fn answer(
    state: &ServerState,
    tool: &ToolDesign,
    chosen: &Chosen<'_>,
    response: Option<&Response>,
    arguments: &Value,
    is_modern: bool,
) -> Answer {
    let filled = |template: &Value| state.fill(template, arguments);
    // Older revisions know structured objects only; where a schema says otherwise, the framework wraps
    // what it describes.
    let structured =
        |value: &Value| is_modern || value.is_object() || tool.output_schema.is_some();
    match (chosen, response) {
        (_, Some(response)) => outcome::answer(&response.outcome, filled, structured),
        (Chosen::Default(default), None) => {
            let value = filled(default);
            let is_structured = structured(&value);
            Answer::Result(outcome::result(&value, is_structured))
        }
        (_, None) => Answer::Result(ToolResult::error(format!(
            "No scenario matched and no default response is set for {}",
            tool.name
        ))),
    }
}

fn show_trace(answer: &mut Answer, trace: &Trace) {
    if let (Answer::Result(result), Ok(trace)) = (answer, serde_json::to_value(trace)) {
        let meta = result.meta.get_or_insert_default();
        meta.insert(TRACE.to_owned(), trace);
    }
}

fn name(answer: &Answer, chosen: &Chosen<'_>) -> String {
    match chosen {
        Chosen::Nothing => "no match".to_owned(),
        _ => answer.name(),
    }
}

/// Tells the client.
fn told(answer: Answer, cx: &Context) -> Result<ToolResult, ToolError> {
    match answer {
        Answer::Result(result) => Ok(result),
        Answer::Protocol(error) => Err(ToolError::protocol(error)),
        Answer::Status(status) => {
            cut(cx, Cut::Status(status));
            Ok(ToolResult::new())
        }
        Answer::Disconnect => {
            cut(cx, Cut::Off);
            Ok(ToolResult::new())
        }
    }
}

/// What a tool would answer to its first call, to a client of the newest revision.
pub(super) fn test(state: &ServerState, tool: &ToolDesign, arguments: &Value) -> TestReport {
    let decision = engine::decide(tool, arguments);
    let response = match decision.chosen {
        Chosen::Scenario(_, scenario) => Some(state.counters.step(&tool.name, scenario)),
        Chosen::Default(_) | Chosen::Nothing => None,
    };
    let answer = answer(state, tool, &decision.chosen, response, arguments, true);
    TestReport {
        outcome: name(&answer, &decision.chosen),
        result: answer.shown(),
        trace: decision.trace,
    }
}
