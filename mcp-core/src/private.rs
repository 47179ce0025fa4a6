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
    route::Route,
    server::{Completers, Options},
    tool::{IntoToolResult, ToolHandler, ToolMarker},
};
pub use schemars;
pub use serde;
pub use serde_json;
pub use std::sync::Arc;

/// The future of one call.
pub type BoxFuture<T> = crate::peer::BoxFuture<'static, T>;

/// Constraints on plain parameters.
pub mod check {
    pub use crate::param::{Length, Ranged, Text, length, pattern, range};
}

/// The result of a tool, from what its function returned.
///
/// # Errors
/// Those of [`IntoToolResult`].
pub fn tool_result<T: ToolMarker>(output: T::Output) -> Result<ToolResult, Failure> {
    output.into_tool_result()
}

/// The result of a prompt, from what its function returned.
///
/// # Errors
/// Those of [`IntoPromptResult`].
pub fn prompt_result<T: PromptMarker>(output: T::Output) -> Result<PromptResult, Failure> {
    output.into_prompt_result()
}

/// The result of a resource, from what its function returned.
///
/// # Errors
/// Those of [`IntoReadResult`].
pub fn read_result<T: ResourceMarker>(output: T::Output) -> Result<ReadResult, Failure> {
    output.into_read_result()
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
