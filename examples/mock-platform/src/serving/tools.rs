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
    engine::{self, Answer as Decided, Trace},
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
    // Values always serialize.
    if let Ok(schema) = RawJson::from_serialize(&design.input_schema) {
        tool.input_schema = schema;
    }
    let schema = design.output_schema.as_ref();
    tool.output_schema = schema.and_then(|schema| RawJson::from_serialize(schema).ok());
    tool.annotations.clone_from(&design.annotations);
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
    let arguments: Value = arguments
        .parse()
        .map_err(unreadable)
        .map_err(ToolError::protocol)?;
    let tool = state.design.tools.get(place);
    let tool = tool.ok_or_else(|| ToolError::internal("a tool is not in its design"))?;
    let decision = engine::decide(tool, &arguments);
    let recording = Recording::start(
        &state.calls,
        &tool.name,
        arguments.clone(),
        decision.trace.clone(),
    );
    let chain = chain(state, tool, &decision.answer);
    for response in &chain {
        steps::before(response, cx).await;
    }
    let is_modern = cx.facts().revision.era() == Era::Modern;
    let mut answer = answer(
        state,
        tool,
        &decision.answer,
        chain.last().copied(),
        &arguments,
        is_modern,
    );
    if state.design.debug {
        show_trace(&mut answer, &decision.trace);
    }
    recording.finish(name(&answer, &decision.answer));
    told(answer, cx)
}

/// The responses on the way to an outcome; the last one has it.
fn chain<'a>(state: &ServerState, tool: &ToolDesign, decided: &Decided<'a>) -> Vec<&'a Response> {
    match decided {
        Decided::Scenario { index, response } => state.counters.pick(&tool.name, *index, response),
        Decided::Default(_) | Decided::Nothing => Vec::new(),
    }
}

/// What is answered once nothing is to be waited for any more.
fn answer(
    state: &ServerState,
    tool: &ToolDesign,
    decided: &Decided<'_>,
    response: Option<&Response>,
    arguments: &Value,
    is_modern: bool,
) -> Answer {
    let fill = state.fill(arguments);
    // Older revisions know structured objects only; where a schema says otherwise, the framework wraps
    // what it describes.
    let structured = |value: &Value| is_modern || value.is_object() || tool.output_schema.is_some();
    match (decided, response) {
        (_, Some(response)) => outcome::answer(&response.outcome, fill, structured),
        (Decided::Default(default), None) => {
            let value = fill.value(default);
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

fn name(answer: &Answer, decided: &Decided<'_>) -> String {
    match decided {
        Decided::Nothing => "no match".to_owned(),
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

/// What a tool would answer to its next call, to a client of the newest revision.
pub(super) fn test(state: &ServerState, tool: &ToolDesign, arguments: &Value) -> TestReport {
    let decision = engine::decide(tool, arguments);
    let chain = chain(state, tool, &decision.answer);
    let answer = answer(
        state,
        tool,
        &decision.answer,
        chain.last().copied(),
        arguments,
        true,
    );
    TestReport {
        outcome: name(&answer, &decision.answer),
        result: answer.shown(),
        trace: decision.trace,
    }
}
