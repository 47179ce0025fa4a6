//! What the output of the macros names. Not for people; it changes without notice.

pub use crate::{
    context::Context,
    error::Failure,
    handler::Tagged,
    param::{
        Bound, Fault, Field, Input, InputSchema, Kind, OutputSchema, Param, Slot, Slots,
        describe_declared, read_declared, via,
    },
    prompt::{IntoPromptResult, PromptHandler, PromptMarker},
    protocol::{
        Capability, Icon, IconTheme, Meta, Prompt, PromptResult, ReadResult, ResourceItem, Role,
        Tool, ToolResult,
    },
    resource::{IntoReadResult, ResourceHandler, ResourceMarker},
    server::{Completers, Options},
    tool::{IntoToolResult, ToolHandler, ToolMarker},
};
pub use schemars;
pub use serde;
pub use serde_json;
pub use std::sync::Arc;

use crate::extract::FromRef;

/// The future of one call.
pub type BoxFuture<T> = crate::peer::BoxFuture<'static, T>;

/// Constraints on plain parameters.
pub mod check {
    pub use crate::param::{Length, Ranged, Text, length, pattern, range};
}

/// The schema of what a tool returns.
pub fn tool_output<T: IntoToolResult>() -> Option<OutputSchema> {
    T::output_schema()
}

/// The metadata of an item.
///
/// # Panics
/// When the value is not an object; items are registered before a server runs.
pub fn meta(value: serde_json::Value) -> Meta {
    match value {
        serde_json::Value::Object(meta) => meta,
        _ => panic!("`meta` must be an object"),
    }
}

/// Records that an argument is mirrored in a header.
pub fn header(schema: &mut InputSchema, field: &Field, name: &'static str) {
    schema.header(field, name);
}

/// A state that has every part, for checks of single parameters.
#[derive(Debug)]
pub enum AnyState {}

impl<T> FromRef<AnyState> for T {
    fn from_ref(state: &AnyState) -> T {
        match *state {}
    }
}

/// Compiles when `T` can be a parameter.
pub fn assert_param<T: Param<AnyState, Via>, Via>() {}

/// Compiles when `T` can be returned from a tool.
pub fn assert_tool_output<T: IntoToolResult>() {}

/// Compiles when `T` can be returned from a prompt.
pub fn assert_prompt_output<T: IntoPromptResult>() {}

/// Compiles when `T` can be returned from a resource.
pub fn assert_resource_output<T: IntoReadResult>() {}
