//! Prompts.

use super::hosted::ServerState;
use crate::design::{PromptArgument, PromptDesign};
use mcp_tower::{
    Context, Entry, RequestError, Role,
    core::ServerBuilder,
    protocol::{self, CompletionContext, Prompt, PromptMessage, PromptResult},
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, future::ready, sync::Arc};

/// Adds a prompt, and what suggests values for its arguments.
pub(super) fn add(
    builder: ServerBuilder,
    state: &Arc<ServerState>,
    design: &PromptDesign,
) -> ServerBuilder {
    let mut prompt = Prompt::new(design.name.clone());
    prompt.title = design.title.clone().map(Into::into);
    prompt.description = design.description.clone().map(Into::into);
    prompt.arguments = design.arguments.iter().map(argument).collect();
    let (state, expanding) = (state.clone(), Arc::new(design.clone()));
    let entry = Entry::prompt(prompt, move |arguments: BTreeMap<String, String>, _| {
        ready(expand(&state, &expanding, &arguments))
    });
    let mut builder = builder.entry(entry);
    for argument in design
        .arguments
        .iter()
        .filter(|argument| !argument.values.is_empty())
    {
        let values: Arc<[String]> = argument.values.clone().into();
        let suggest = move |typed: String, _: CompletionContext, _: Context| {
            let typed = typed.to_lowercase();
            let fit = values
                .iter()
                .filter(|value| value.to_lowercase().starts_with(&typed));
            ready(Ok::<_, RequestError>(fit.cloned().collect::<Vec<_>>()))
        };
        builder = builder.complete(&design.name, &argument.name, suggest);
    }
    builder
}

fn argument(design: &PromptArgument) -> protocol::PromptArgument {
    let mut argument = protocol::PromptArgument::new(design.name.clone());
    argument.description = design.description.clone().map(Into::into);
    argument.required = design.required;
    argument
}

/// What is missing and optional is empty; what is not known is ignored.
fn expand(
    state: &ServerState,
    design: &PromptDesign,
    arguments: &BTreeMap<String, String>,
) -> Result<PromptResult, RequestError> {
    let missing =
        |argument: &&PromptArgument| argument.required && !arguments.contains_key(&argument.name);
    if let Some(PromptArgument { name, .. }) = design.arguments.iter().find(missing) {
        let message = format!("Invalid params: missing required argument '{name}'");
        return Err(RequestError::invalid_params(message));
    }
    let names: Map<String, Value> = design
        .arguments
        .iter()
        .map(|PromptArgument { name, .. }| {
            let value = arguments.get(name).cloned().unwrap_or_default();
            (name.clone(), value.into())
        })
        .collect();
    let arguments = Value::Object(names.clone());
    let fill = state.fill(&arguments).with_names(&names);
    let messages = design.messages.iter().map(|message| {
        let text = fill.text(&message.text);
        match message.role {
            Role::User => PromptMessage::user(text),
            Role::Assistant => PromptMessage::assistant(text),
        }
    });
    Ok(PromptResult::new(messages.collect::<Vec<_>>()))
}
