//! Resources, and templates of them.

use super::{
    cut::{Cut, cut},
    hosted::ServerState,
    outcome::{self, Answer},
    steps,
};
use crate::{
    design::{ResourceContents as Designed, ResourceDesign},
    engine::{self, Answer as Decided, Fill},
};
use mcp_tower::{
    ContentBlock, Context, Entry, RequestError, ResourceContents,
    core::Variables,
    protocol::{ReadResult, ResourceItem},
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The entry of a resource or template.
pub(super) fn entry(state: &Arc<ServerState>, design: &ResourceDesign) -> Entry<ResourceItem> {
    let mut item = ResourceItem::new(design.uri.clone(), design.name.clone());
    item.about.title = design.title.clone().map(Into::into);
    item.about.description = design.description.clone().map(Into::into);
    item.about.mime_type = design.mime_type.clone().map(Into::into);
    let (state, design) = (state.clone(), Arc::new(design.clone()));
    Entry::resource(
        item,
        move |uri: String, variables: Variables, cx: Context| {
            let (state, design) = (state.clone(), design.clone());
            async move { read(&state, &design, uri, &variables, &cx).await }
        },
    )
}

async fn read(
    state: &ServerState,
    design: &ResourceDesign,
    uri: String,
    variables: &Variables,
    cx: &Context,
) -> Result<ReadResult, RequestError> {
    let arguments: Map<String, Value> = variables
        .iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let names = arguments.clone();
    let arguments = Value::Object(arguments);
    let fill = state.fill(&arguments).with_names(&names);
    let decision = engine::decide_among(&design.scenarios, None, &arguments);
    let Decided::Scenario { scenario, .. } = decision.answer else {
        return Ok(ReadResult::new([contents(design, uri, fill)]));
    };
    let chain = state.counters.pick(&design.uri, scenario);
    for response in &chain {
        steps::before(response, cx).await;
    }
    let last = chain.last().copied().unwrap_or(&scenario.response);
    let outcome = &last.outcome;
    let respond = |value: &Value| Answer::Result(outcome::result(value, false));
    match outcome::answer(outcome, fill, respond) {
        Answer::Result(result) if result.is_error => {
            let message = result.content.into_iter().find_map(text_of);
            Err(RequestError::new(message.unwrap_or_default()))
        }
        Answer::Result(result) => {
            let contents = result.content.into_iter().filter_map(|block| match block {
                ContentBlock::Resource { resource, .. } => Some(resource),
                block => text_of(block).map(|text| ResourceContents::text(uri.clone(), text)),
            });
            Ok(ReadResult::new(contents.collect::<Vec<_>>()))
        }
        Answer::Protocol(error) => Err(RequestError::protocol(error)),
        Answer::Status(status) => {
            cut(cx, Cut::Status(status)).await;
            Err(RequestError::new("cut off"))
        }
        Answer::Disconnect => {
            cut(cx, Cut::Off).await;
            Err(RequestError::new("cut off"))
        }
    }
}

fn text_of(block: ContentBlock) -> Option<String> {
    match block {
        ContentBlock::Text { text, .. } => Some(text.into_owned()),
        _ => None,
    }
}

/// What the design says, with its placeholders filled.
fn contents(design: &ResourceDesign, uri: String, fill: Fill<'_>) -> ResourceContents {
    match &design.contents {
        Designed::Text(text) => ResourceContents::text(uri, fill.text(text)),
        Designed::Json(value) => ResourceContents::text(uri, fill.value(value).to_string()),
        Designed::Blob(base64) => {
            let mut contents = ResourceContents::blob(uri, []);
            contents.blob = Some(base64.clone());
            contents
        }
    }
}
