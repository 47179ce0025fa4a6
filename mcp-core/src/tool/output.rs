//! What a tool may return.

use super::Json;
use crate::{
    error::{Failure, ToolError},
    param::OutputSchema,
    protocol::{ContentBlock, RawJson, ResourceContents, ToolResult},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// A value that a tool can return.
///
/// Text and numbers become text; [`Json`] becomes structured content with an output schema;
/// [`ContentBlock`] and lists of it become content; `Result` adds failures.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned from an MCP tool",
    label = "not a tool result",
    note = "return text, a number, `Json<T>`, `ContentBlock`, `ToolResult`, or a `Result` of those",
    note = "wrap a value that derives `serde::Serialize` and `schemars::JsonSchema` in `Json<_>`",
    note = "the error of a `Result` becomes a `ToolError`, as every `std::error::Error` does"
)]
pub trait IntoToolResult: Sized {
    /// The result.
    ///
    /// # Errors
    /// Whatever is not an answer for the model.
    fn into_tool_result(self) -> Result<ToolResult, Failure>;

    /// The schema of the structured content, when there is any.
    fn output_schema() -> Option<OutputSchema> {
        None
    }
}

macro_rules! text {
    ($($type:ty)*) => {$(
        impl IntoToolResult for $type {
            fn into_tool_result(self) -> Result<ToolResult, Failure> {
                Ok(ToolResult::text(self.to_string()))
            }
        }
    )*};
}
text!(bool char i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

impl IntoToolResult for String {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        Ok(ToolResult::text(self))
    }
}

impl IntoToolResult for &'static str {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        Ok(ToolResult::text(self))
    }
}

impl IntoToolResult for Cow<'static, str> {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        Ok(ToolResult::text(self))
    }
}

impl IntoToolResult for () {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        Ok(ToolResult::new())
    }
}

impl IntoToolResult for ToolResult {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        Ok(self)
    }
}

impl IntoToolResult for ContentBlock {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        Ok(ToolResult::new().with_content(self))
    }
}

impl IntoToolResult for ResourceContents {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        ContentBlock::resource(self).into_tool_result()
    }
}

impl<T: Into<ContentBlock>> IntoToolResult for Vec<T> {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        Ok(self
            .into_iter()
            .fold(ToolResult::new(), ToolResult::with_content))
    }
}

impl<T: Serialize + JsonSchema> IntoToolResult for Json<T> {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        let value = RawJson::from_serialize(&self.0).map_err(ToolError::from)?;
        Ok(ToolResult::structured(value))
    }

    fn output_schema() -> Option<OutputSchema> {
        Some(OutputSchema::of::<T>())
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoToolResult, E: Into<ToolError>> IntoToolResult for Result<T, E> {
    fn into_tool_result(self) -> Result<ToolResult, Failure> {
        match self {
            Ok(value) => value.into_tool_result(),
            Err(error) => Err(error.into().into()),
        }
    }

    fn output_schema() -> Option<OutputSchema> {
        T::output_schema()
    }
}
