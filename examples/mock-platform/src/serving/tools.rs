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
    engine::{self, Answer as Decided, Decision, Trace},
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
    tool.output_schema = schema.and_then(|schema| RawJson::from_serialize(schema.value()).ok());
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
    let Decision {
        answer: decided,
        trace,
    } = engine::decide(tool, &arguments);
    let mut recording = Recording::start(&state.calls, &tool.name, &arguments, trace);
    let chain = chain(state, tool, &decided);
    for response in &chain {
        steps::before(response, cx).await;
    }
    let is_modern = cx.facts().revision.era() == Era::Modern;
    let asked = Asked {
        tool,
        arguments: &arguments,
        is_modern,
    };
    let last = chain.last().copied();
    let mut answer = answer(state, asked, &decided, last, &mut recording.trace);
    if state.design.debug {
        show_trace(&mut answer, &recording.trace);
    }
    let outcome = name(&answer, &decided, &recording.trace);
    recording.finish(outcome);
    told(answer, cx).await
}

/// The responses on the way to an outcome; the last one has it.
fn chain<'a>(state: &ServerState, tool: &ToolDesign, decided: &Decided<'a>) -> Vec<&'a Response> {
    match decided {
        Decided::Scenario { scenario, .. } => state.counters.pick(&tool.name, scenario),
        Decided::Default(_) | Decided::Nothing => Vec::new(),
    }
}

/// A call, as far as its answer depends on it.
#[derive(Clone, Copy)]
struct Asked<'a> {
    tool: &'a ToolDesign,
    arguments: &'a Value,
    is_modern: bool,
}

/// What is answered once nothing is to be waited for any more. What is wrong with it is added to the
/// trace.
fn answer(
    state: &ServerState,
    asked: Asked<'_>,
    decided: &Decided<'_>,
    response: Option<&Response>,
    trace: &mut Trace,
) -> Answer {
    let fill = state.fill(asked.arguments);
    let mut respond = |value: &Value| respond(asked, value, trace);
    match (decided, response) {
        (_, Some(response)) => outcome::answer(&response.outcome, fill, respond),
        (Decided::Default(default), None) => respond(&fill.value(default)),
        (_, None) => Answer::Result(ToolResult::error(format!(
            "No scenario matched and no default response is set for {}",
            asked.tool.name
        ))),
    }
}

/// A value as the result. What the output schema does not allow, because of what became of its
/// placeholders, is an error that says why: whoever designs the tool is to see it.
fn respond(asked: Asked<'_>, value: &Value, trace: &mut Trace) -> Answer {
    let schema = asked.tool.output_schema.as_ref();
    if let Some(problem) = schema.and_then(|schema| schema.problem(value)) {
        let told = format!("The response is not what `outputSchema` allows: {problem}");
        trace.problem = Some(problem);
        return Answer::Result(ToolResult::error(told));
    }
    // Older revisions know structured objects only; where a schema says otherwise, the framework wraps
    // what it describes.
    let is_structured = asked.is_modern || value.is_object() || schema.is_some();
    Answer::Result(outcome::result(value, is_structured))
}

fn show_trace(answer: &mut Answer, trace: &Trace) {
    if let (Answer::Result(result), Ok(trace)) = (answer, serde_json::to_value(trace)) {
        let meta = result.meta.get_or_insert_default();
        meta.insert(TRACE.to_owned(), trace);
    }
}

fn name(answer: &Answer, decided: &Decided<'_>, trace: &Trace) -> String {
    match decided {
        Decided::Nothing => "no match".to_owned(),
        _ if trace.problem.is_some() => "wrong response".to_owned(),
        _ => answer.name(),
    }
}

/// Tells the client.
async fn told(answer: Answer, cx: &Context) -> Result<ToolResult, ToolError> {
    match answer {
        Answer::Result(result) => Ok(result),
        Answer::Protocol(error) => Err(ToolError::protocol(error)),
        Answer::Status(status) => {
            cut(cx, Cut::Status(status)).await;
            Ok(ToolResult::new())
        }
        Answer::Disconnect => {
            cut(cx, Cut::Off).await;
            Ok(ToolResult::new())
        }
    }
}

/// What a tool would answer to its next call, to a client of the newest revision.
pub(super) fn test(state: &ServerState, tool: &ToolDesign, arguments: &Value) -> TestReport {
    let Decision {
        answer: decided,
        mut trace,
    } = engine::decide(tool, arguments);
    let chain = chain(state, tool, &decided);
    let asked = Asked {
        tool,
        arguments,
        is_modern: true,
    };
    let last = chain.last().copied();
    let answer = answer(state, asked, &decided, last, &mut trace);
    TestReport {
        outcome: name(&answer, &decided, &trace),
        result: answer.shown(),
        trace,
    }
}
