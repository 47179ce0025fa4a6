//! Tools and their results.

use super::{ContentBlock, Icon, Meta, RawJson};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A tool as `tools/list` shows it. Also the way to describe a tool that is data, not a function.
///
/// ```
/// use mcp_core::protocol::Tool;
///
/// let tool = Tool::new("lookup").with_description("Look a word up.").with_read_only(true);
/// assert_eq!(tool.input_schema.as_str(), r#"{"type":"object","additionalProperties":false}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Tool {
    /// 1 to 128 of `A-Z a-z 0-9 _ . -`, unique in its server.
    pub name: Cow<'static, str>,
    /// A name for people (from 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Cow<'static, str>>,
    /// What it does, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'static, str>>,
    /// JSON Schema of the arguments; its root is an object. Kept byte for byte.
    pub input_schema: RawJson,
    /// JSON Schema of the structured result (from 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<RawJson>,
    /// Hints about its behaviour (from 2025-03-26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<ToolAnnotations>,
    /// Icons (from 2025-11-25).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Free metadata (from 2025-06-18).
    #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// Hints about a tool, not promises. What is absent has the default of the specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolAnnotations {
    /// A name for people; `title` of the tool wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Cow<'static, str>>,
    /// It changes nothing. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_hint: Option<bool>,
    /// Its changes may destroy. Default: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive_hint: Option<bool>,
    /// Calling it again with the same arguments changes nothing more. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent_hint: Option<bool>,
    /// It deals with the outside world. Default: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_world_hint: Option<bool>,
}

impl Tool {
    /// A tool without arguments.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            title: None,
            description: None,
            input_schema: RawJson::trusted(r#"{"type":"object","additionalProperties":false}"#),
            output_schema: None,
            annotations: None,
            icons: Vec::new(),
            meta: None,
        }
    }

    /// A name for people.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// What it does.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The schema of its arguments.
    #[must_use]
    pub fn with_input_schema(mut self, schema: RawJson) -> Self {
        self.input_schema = schema;
        self
    }

    /// The schema of its structured result.
    #[must_use]
    pub fn with_output_schema(mut self, schema: RawJson) -> Self {
        self.output_schema = Some(schema);
        self
    }

    /// `readOnlyHint`.
    #[must_use]
    pub fn with_read_only(mut self, hint: bool) -> Self {
        self.hints().read_only_hint = Some(hint);
        self
    }

    /// `destructiveHint`.
    #[must_use]
    pub fn with_destructive(mut self, hint: bool) -> Self {
        self.hints().destructive_hint = Some(hint);
        self
    }

    /// `idempotentHint`.
    #[must_use]
    pub fn with_idempotent(mut self, hint: bool) -> Self {
        self.hints().idempotent_hint = Some(hint);
        self
    }

    /// `openWorldHint`.
    #[must_use]
    pub fn with_open_world(mut self, hint: bool) -> Self {
        self.hints().open_world_hint = Some(hint);
        self
    }

    /// Adds an icon.
    #[must_use]
    pub fn with_icon(mut self, icon: Icon) -> Self {
        self.icons.push(icon);
        self
    }

    /// Sets the metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.meta = Some(meta);
        self
    }

    fn hints(&mut self) -> &mut ToolAnnotations {
        self.annotations.get_or_insert_default()
    }
}

/// What a tool call answers.
///
/// ```
/// use mcp_core::protocol::{ContentBlock, ToolResult};
///
/// let result = ToolResult::text("done").with_content(ContentBlock::image(b"...", "image/png"));
/// assert_eq!(result.content.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolResult {
    /// The content for the model; always written, even when empty.
    #[serde(default)]
    pub content: Vec<ContentBlock>,
    /// The value that the tool's output schema describes (from 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structured_content: Option<RawJson>,
    /// Whether the call failed in a way the model should see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
    /// Free metadata.
    #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Whether the tool's output schema describes something other than objects, which revisions
    /// before 2026-07-28 must be sent in a wrapper.
    #[serde(skip)]
    pub(crate) bare_output: bool,
}

impl ToolResult {
    /// A result without content.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new().with_content(ContentBlock::text(text))
    }

    /// A failure that the model sees and can act on.
    pub fn error(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            is_error: true,
            ..Self::text(text)
        }
    }

    /// A structured value, repeated as text for clients that read only content.
    pub fn structured(value: RawJson) -> Self {
        let mut result = Self::text(value.as_str().to_owned());
        result.structured_content = Some(value);
        result
    }

    /// Adds a block.
    #[must_use]
    pub fn with_content(mut self, block: impl Into<ContentBlock>) -> Self {
        self.content.push(block.into());
        self
    }

    /// Sets the metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.meta = Some(meta);
        self
    }
}
