//! Prompts.

use super::text::fill;
use crate::design::{PromptArgument, PromptDesign, Role};
use mcp_tower::{
    Context, Entry, RequestError,
    core::ServerBuilder,
    protocol::{self, CompletionContext, Prompt, PromptMessage, PromptResult},
};
use std::{collections::BTreeMap, future::ready, sync::Arc};

/// Adds a prompt, and what suggests values for its arguments.
pub(super) fn add(builder: ServerBuilder, design: &PromptDesign) -> ServerBuilder {
    let mut prompt = Prompt::new(design.name.clone());
    prompt.title = design.title.clone().map(Into::into);
    prompt.description = design.description.clone().map(Into::into);
    prompt.arguments = design.arguments.iter().map(argument).collect();
    let expanding = Arc::new(design.clone());
    let entry = Entry::prompt(prompt, move |arguments: BTreeMap<String, String>, _| {
        ready(expand(&expanding, &arguments))
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
    design: &PromptDesign,
    arguments: &BTreeMap<String, String>,
) -> Result<PromptResult, RequestError> {
    let missing =
        |argument: &&PromptArgument| argument.required && !arguments.contains_key(&argument.name);
    if let Some(PromptArgument { name, .. }) = design.arguments.iter().find(missing) {
        let message = format!("Invalid params: missing required argument '{name}'");
        return Err(RequestError::invalid_params(message));
    }
    let value = |name: &str| {
        let declared = design
            .arguments
            .iter()
            .any(|argument| argument.name == name);
        declared.then(|| arguments.get(name).map_or("", String::as_str))
    };
    let messages = design.messages.iter().map(|message| {
        let text = fill(&message.text, value);
        match message.role {
            Role::User => PromptMessage::user(text),
            Role::Assistant => PromptMessage::assistant(text),
        }
    });
    Ok(PromptResult::new(messages.collect::<Vec<_>>()))
}
