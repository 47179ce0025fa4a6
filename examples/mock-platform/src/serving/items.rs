//! The items of a design, as entries of a catalog.

use super::{hosted::ServerState, prompts, resources, tools};
use crate::design::ServerDesign;
use mcp_tower::{Server, core::SchemaChecks};
use std::sync::Arc;

/// A server with everything in the design that is on.
pub(super) fn builder(state: &Arc<ServerState>) -> mcp_tower::core::ServerBuilder {
    let design = &state.design;
    let mut builder = Server::builder(design.name.clone(), design.version.clone())
        .check_schemas(SchemaChecks::new());
    if let Some(description) = &design.description {
        builder = builder.description(description.clone());
    }
    if let Some(items) = design.page_size {
        builder = builder.page_size(items);
    }
    for (place, tool) in design.tools.iter().enumerate() {
        if tool.enabled {
            builder = builder.entry(tools::entry(state, place, tool));
        }
    }
    for resource in design.resources.iter().filter(|resource| resource.enabled) {
        builder = builder.entry(resources::entry(state, resource));
    }
    for prompt in design.prompts.iter().filter(|prompt| prompt.enabled) {
        builder = prompts::add(builder, state, prompt);
    }
    builder
}

/// Whether clients need not be told anew what the server is and has.
pub(super) fn look_the_same(one: &ServerDesign, other: &ServerDesign) -> bool {
    let identity = |design: &ServerDesign| {
        (
            design.name.clone(),
            design.version.clone(),
            design.description.clone(),
            design.page_size,
            design.tools.iter().any(|tool| tool.enabled),
            design.resources.iter().any(|resource| resource.enabled),
            design.prompts.iter().any(|prompt| prompt.enabled),
        )
    };
    identity(one) == identity(other)
}
