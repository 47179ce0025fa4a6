//! Resources, and templates of them.

use super::{
    cut::{Cut, cut},
    hosted::ServerState,
    outcome::{self, Answer},
    steps, text,
};
use crate::{
    design::{ResourceContents as Designed, ResourceDesign},
    engine,
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
    Entry::resource(item, move |uri: String, variables: Variables, cx: Context| {
        let (state, design) = (state.clone(), design.clone());
        async move { read(&state, &design, uri, &variables, &cx).await }
    })
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
    let arguments = Value::Object(arguments);
    let scenario = engine::scenario(&design.scenarios, &arguments);
    let Some(scenario) = scenario else {
        return Ok(ReadResult::new([contents(&design.contents, uri, variables)]));
    };
    let response = state.counters.step(&design.uri, scenario);
    steps::before(response, cx).await;
    let filled = |template: &Value| state.fill(template, &arguments);
    match outcome::answer(&response.outcome, filled, |_| false) {
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
            cut(cx, Cut::Status(status));
            Err(RequestError::new("cut off"))
        }
        Answer::Disconnect => {
            cut(cx, Cut::Off);
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

/// What the design says, with the variables of the template in it.
fn contents(designed: &Designed, uri: String, variables: &Variables) -> ResourceContents {
    match designed {
        Designed::Text(template) => {
            ResourceContents::text(uri, text::fill(template, |name| variables.get(name)))
        }
        Designed::Json(value) => {
            ResourceContents::text(uri, filled(value.clone(), variables).to_string())
        }
        Designed::Blob(base64) => {
            let mut contents = ResourceContents::blob(uri, []);
            contents.blob = Some(base64.clone());
            contents
        }
    }
}

fn filled(value: Value, variables: &Variables) -> Value {
    match value {
        Value::String(template) => text::fill(&template, |name| variables.get(name)).into(),
        Value::Array(items) => {
            let items = items.into_iter();
            items.map(|item| filled(item, variables)).collect()
        }
        Value::Object(members) => {
            let members = members.into_iter();
            members.map(|(name, value)| (name, filled(value, variables))).collect()
        }
        other => other,
    }
}
