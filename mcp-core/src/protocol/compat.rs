//! What older revisions may not see.
//!
//! Values are written in the newest revision's terms and pass through here on their way out. Old
//! peers use strict unions, so what they do not know is left out or replaced; nothing else in the
//! code base asks which revision has what.

use super::{
    About, ClientCapabilities, ContentBlock, ErrorCode, ErrorObject, Implementation, Meta,
    Progress, Prompt, PromptResult, RawJson, ReadResult, Resource, ResourceContents,
    ResourceTemplate, Revision, ServerCapabilities, Tool, ToolResult,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeMap};

/// Something that only revisions from a certain one on know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// Audio content.
    Audio,
    /// Annotations of tools.
    ToolAnnotations,
    /// `message` in progress notifications.
    ProgressMessage,
    /// The `completions` capability.
    CompletionsCapability,
    /// `title` beside `name`.
    Title,
    /// `outputSchema` and `structuredContent`.
    StructuredOutput,
    /// Links to resources as content.
    ResourceLink,
    /// `_meta` on items and content.
    ItemMeta,
    /// `annotations.lastModified`.
    LastModified,
    /// Asking the user.
    Elicitation,
    /// The `MCP-Protocol-Version` header, and that a bad one is refused.
    VersionHeader,
    /// Modes of elicitation, its newer forms of choices, and defaults of any type.
    ElicitationModes,
    /// Tools for the client's model to use while it answers.
    SamplingTools,
    /// Icons, and `description` and `websiteUrl` of an implementation.
    Icons,
    /// An event without data that opens a stream, so that a cut stream can be resumed.
    PrimingEvent,
    /// Output schemas and structured values that are not objects.
    AnyOutput,
    /// JSON Schema 2020-12 where a schema names no dialect.
    SchemaDialect2020,
    /// Extensions in capabilities.
    Extensions,
    /// `resultType` and the other members that every modern result carries.
    ResultType,
    /// −32602 for a resource that does not exist.
    ResourceNotFoundAsParams,
}

impl Feature {
    /// The first revision that knows it.
    pub const fn since(self) -> Revision {
        match self {
            Self::Audio
            | Self::ToolAnnotations
            | Self::ProgressMessage
            | Self::CompletionsCapability => Revision::V2025_03_26,
            Self::Title
            | Self::StructuredOutput
            | Self::ResourceLink
            | Self::ItemMeta
            | Self::LastModified
            | Self::Elicitation
            | Self::VersionHeader => Revision::V2025_06_18,
            Self::ElicitationModes
            | Self::SamplingTools
            | Self::Icons
            | Self::PrimingEvent
            | Self::SchemaDialect2020 => Revision::V2025_11_25,
            Self::AnyOutput
            | Self::Extensions
            | Self::ResultType
            | Self::ResourceNotFoundAsParams => Revision::V2026_07_28,
        }
    }
}

impl Revision {
    /// Whether the revision knows `feature`.
    pub fn has(self, feature: Feature) -> bool {
        self >= feature.since()
    }

    /// Whether several messages may come in one array: what one revision had and the next one took
    /// back.
    pub fn has_batches(self) -> bool {
        self == Self::V2025_03_26
    }
}

/// A value that can be put in the terms of an older revision.
///
/// ```
/// use mcp_core::protocol::{Revision, Tool, compat::Downlevel};
///
/// let tool = Tool::new("add").with_title("Add").downlevel(Revision::V2024_11_05);
/// assert_eq!(tool.title, None);
/// ```
pub trait Downlevel: Sized {
    /// The value as `revision` may see it.
    #[must_use]
    fn downlevel(self, revision: Revision) -> Self;
}

fn unless<T>(known: bool, value: &mut Option<T>) {
    if !known {
        *value = None;
    }
}

impl Downlevel for Tool {
    fn downlevel(mut self, revision: Revision) -> Self {
        unless(revision.has(Feature::Title), &mut self.title);
        unless(
            revision.has(Feature::ToolAnnotations),
            &mut self.annotations,
        );
        unless(revision.has(Feature::ItemMeta), &mut self.meta);
        unless(
            revision.has(Feature::StructuredOutput),
            &mut self.output_schema,
        );
        if !revision.has(Feature::Icons) {
            self.icons.clear();
        }
        if !revision.has(Feature::AnyOutput) {
            self.output_schema = self.output_schema.map(|schema| {
                if is_object_schema(&schema) {
                    schema
                } else {
                    wrap_schema(&schema)
                }
            });
        }
        self
    }
}

/// What a client declares beyond the revision that it agreed on, it cannot be asked for.
impl Downlevel for ClientCapabilities {
    fn downlevel(mut self, revision: Revision) -> Self {
        unless(revision.has(Feature::Elicitation), &mut self.elicitation);
        if !revision.has(Feature::ElicitationModes) {
            // Without modes there is only the form, which `{}` means too.
            let form = |modes: &Map<String, Value>| modes.is_empty() || modes.contains_key("form");
            self.elicitation = self.elicitation.filter(form).map(|_| Map::new());
        }
        if let Some(sampling) = &mut self.sampling
            && !revision.has(Feature::SamplingTools)
        {
            sampling.remove("tools");
        }
        self
    }
}

impl Downlevel for Prompt {
    fn downlevel(mut self, revision: Revision) -> Self {
        unless(revision.has(Feature::Title), &mut self.title);
        unless(revision.has(Feature::ItemMeta), &mut self.meta);
        for argument in &mut self.arguments {
            unless(revision.has(Feature::Title), &mut argument.title);
        }
        if !revision.has(Feature::Icons) {
            self.icons.clear();
        }
        self
    }
}

impl Downlevel for About {
    fn downlevel(mut self, revision: Revision) -> Self {
        unless(revision.has(Feature::Title), &mut self.title);
        unless(revision.has(Feature::ItemMeta), &mut self.meta);
        if let Some(hints) = &mut self.annotations {
            unless(
                revision.has(Feature::LastModified),
                &mut hints.last_modified,
            );
        }
        if !revision.has(Feature::Icons) {
            self.icons.clear();
        }
        self
    }
}

impl Downlevel for Resource {
    fn downlevel(mut self, revision: Revision) -> Self {
        self.about = self.about.downlevel(revision);
        self
    }
}

impl Downlevel for ResourceTemplate {
    fn downlevel(mut self, revision: Revision) -> Self {
        self.about = self.about.downlevel(revision);
        self
    }
}

impl Downlevel for Implementation {
    fn downlevel(mut self, revision: Revision) -> Self {
        unless(revision.has(Feature::Title), &mut self.title);
        unless(revision.has(Feature::Icons), &mut self.description);
        unless(revision.has(Feature::Icons), &mut self.website_url);
        if !revision.has(Feature::Icons) {
            self.icons.clear();
        }
        self
    }
}

impl Downlevel for ServerCapabilities {
    fn downlevel(mut self, revision: Revision) -> Self {
        unless(
            revision.has(Feature::CompletionsCapability),
            &mut self.completions,
        );
        if !revision.has(Feature::Extensions) {
            self.extensions.clear();
        }
        self
    }
}

impl Downlevel for ContentBlock {
    fn downlevel(self, revision: Revision) -> Self {
        let mut block = match self {
            Self::Audio { mime_type, .. } if !revision.has(Feature::Audio) => {
                Self::text(format!("[audio: {mime_type}]"))
            }
            Self::ResourceLink(resource) if !revision.has(Feature::ResourceLink) => {
                Self::text(resource.uri)
            }
            other => other,
        };
        match &mut block {
            Self::Text {
                annotations, meta, ..
            }
            | Self::Image {
                annotations, meta, ..
            }
            | Self::Audio {
                annotations, meta, ..
            } => {
                hints(annotations, meta, revision);
            }
            Self::Resource {
                annotations,
                meta,
                resource,
            } => {
                hints(annotations, meta, revision);
                unless(revision.has(Feature::ItemMeta), &mut resource.meta);
            }
            Self::ResourceLink(resource) => {
                resource.about = resource.about.clone().downlevel(revision);
            }
        }
        block
    }
}

fn hints(
    annotations: &mut Option<super::Annotations>,
    meta: &mut Option<Meta>,
    revision: Revision,
) {
    unless(revision.has(Feature::ItemMeta), meta);
    if let Some(hints) = annotations {
        unless(
            revision.has(Feature::LastModified),
            &mut hints.last_modified,
        );
    }
}

impl Downlevel for ToolResult {
    fn downlevel(mut self, revision: Revision) -> Self {
        if revision == Revision::NEWEST_MODERN {
            return self;
        }
        unless(
            revision.has(Feature::StructuredOutput),
            &mut self.structured_content,
        );
        if self.bare_output && !revision.has(Feature::AnyOutput) {
            self.structured_content = self.structured_content.map(|value| wrap_value(&value));
        }
        self.content = self
            .content
            .into_iter()
            .map(|block| block.downlevel(revision))
            .collect();
        self
    }
}

impl Downlevel for PromptResult {
    fn downlevel(mut self, revision: Revision) -> Self {
        for message in &mut self.messages {
            let content = std::mem::replace(&mut message.content, ContentBlock::text(""));
            message.content = content.downlevel(revision);
        }
        self
    }
}

impl Downlevel for ResourceContents {
    fn downlevel(mut self, revision: Revision) -> Self {
        unless(revision.has(Feature::ItemMeta), &mut self.meta);
        self
    }
}

impl Downlevel for ReadResult {
    fn downlevel(mut self, revision: Revision) -> Self {
        self.contents = self
            .contents
            .into_iter()
            .map(|contents| contents.downlevel(revision))
            .collect();
        self
    }
}

impl Downlevel for Progress {
    fn downlevel(mut self, revision: Revision) -> Self {
        unless(revision.has(Feature::ProgressMessage), &mut self.message);
        self
    }
}

impl Downlevel for ErrorObject {
    fn downlevel(mut self, revision: Revision) -> Self {
        if self.code == ErrorCode::RESOURCE_NOT_FOUND
            && revision.has(Feature::ResourceNotFoundAsParams)
        {
            self.code = ErrorCode::INVALID_PARAMS;
        }
        self
    }
}

/// Whether a schema says at its root that it describes objects.
pub(crate) fn is_object_schema(schema: &RawJson) -> bool {
    #[derive(serde::Deserialize)]
    struct Root<'a> {
        #[serde(borrow, default, rename = "type")]
        kind: Option<Cow<'a, str>>,
    }
    serde_json::from_str::<Root<'_>>(schema.as_str())
        .is_ok_and(|root| root.kind.as_deref() == Some("object"))
}

/// Definitions move to the root of the wrapper, where references look for them.
fn wrap_schema(schema: &RawJson) -> RawJson {
    #[derive(Serialize)]
    struct Wrapper<'a> {
        #[serde(flatten)]
        root: BTreeMap<&'static str, Value>,
        r#type: &'static str,
        properties: BTreeMap<&'static str, &'a Value>,
        required: [&'static str; 1],
    }
    let mut inner: Value = schema.parse().unwrap_or_default();
    let mut root = BTreeMap::new();
    if let Value::Object(inner) = &mut inner {
        for key in ["$schema", "$defs", "definitions"] {
            if let Some(value) = inner.remove(key) {
                root.insert(key, value);
            }
        }
    }
    let wrapper = Wrapper {
        root,
        r#type: "object",
        properties: BTreeMap::from([("result", &inner)]),
        required: ["result"],
    };
    RawJson::from_serialize(&wrapper).unwrap_or(RawJson::EMPTY_OBJECT)
}

fn wrap_value(value: &RawJson) -> RawJson {
    RawJson::trusted(format!("{{\"result\":{}}}", value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Annotations, ListCapability};

    fn schema(text: &str) -> RawJson {
        RawJson::from_text(text.to_owned()).unwrap()
    }

    #[test]
    fn a_client_is_asked_for_nothing_that_its_revision_does_not_know() {
        let all = r#"{"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{}}"#;
        for (declared, revision, known) in [
            (all, Revision::V2024_11_05, r#"{"sampling":{},"roots":{}}"#),
            (
                all,
                Revision::V2025_06_18,
                r#"{"elicitation":{},"sampling":{},"roots":{}}"#,
            ),
            (all, Revision::V2025_11_25, all),
            (r#"{"elicitation":{"url":{}}}"#, Revision::V2025_06_18, "{}"),
            (
                r#"{"elicitation":{}}"#,
                Revision::V2025_06_18,
                r#"{"elicitation":{}}"#,
            ),
        ] {
            let declared: ClientCapabilities = serde_json::from_str(declared).unwrap();
            let known: ClientCapabilities = serde_json::from_str(known).unwrap();
            assert_eq!(declared.downlevel(revision), known, "{revision}");
        }
    }

    #[test]
    fn a_2024_client_never_sees_what_came_later() {
        let tool = Tool::new("t")
            .with_title("T")
            .with_read_only(true)
            .with_output_schema(schema(r#"{"type":"object"}"#))
            .with_icon(crate::protocol::Icon::new("data:,"))
            .downlevel(Revision::V2024_11_05);
        assert_eq!(
            serde_json::to_value(&tool).unwrap(),
            serde_json::json!({"name": "t", "inputSchema": {"type": "object", "additionalProperties": false}})
        );
        let blocks = [
            ContentBlock::audio(b"x", "audio/wav"),
            ContentBlock::resource_link(super::super::ResourceItem::new("a:b", "b").to_resource()),
        ];
        let result = blocks
            .into_iter()
            .fold(
                ToolResult::structured(schema("{}")),
                ToolResult::with_content,
            )
            .downlevel(Revision::V2024_11_05);
        assert_eq!(result.structured_content, None);
        assert!(
            result
                .content
                .iter()
                .all(|block| matches!(block, ContentBlock::Text { .. }))
        );
    }

    #[test]
    fn output_that_is_no_object_is_wrapped_for_the_two_revisions_that_require_objects() {
        let tool = Tool::new("t").with_output_schema(schema(r#"{"type":"integer"}"#));
        let mut result = ToolResult::structured(schema("5"));
        result.bare_output = true;
        for revision in [Revision::V2025_06_18, Revision::V2025_11_25] {
            let tool = tool.clone().downlevel(revision);
            assert!(is_object_schema(tool.output_schema.as_ref().unwrap()));
            let result = result.clone().downlevel(revision);
            assert_eq!(
                result.structured_content.unwrap().as_str(),
                r#"{"result":5}"#
            );
            assert_eq!(result.content, [ContentBlock::text("5")]);
        }
        let result = result.downlevel(Revision::V2026_07_28);
        assert_eq!(result.structured_content.unwrap().as_str(), "5");
    }

    #[test]
    fn references_of_a_wrapped_schema_still_point_somewhere() {
        let inner = r##"{"type":"array","items":{"$ref":"#/$defs/Node"},"$defs":{"Node":{"type":"object"}}}"##;
        let tool = Tool::new("t").with_output_schema(schema(inner));
        let wrapped = tool.downlevel(Revision::V2025_11_25).output_schema.unwrap();
        let wrapped: Value = wrapped.parse().unwrap();
        assert_eq!(wrapped["$defs"]["Node"]["type"], "object");
        assert_eq!(wrapped["properties"]["result"]["type"], "array");
    }

    #[test]
    fn codes_and_capabilities_follow_the_revision() {
        let error = ErrorObject::resource_not_found("a:b");
        assert_eq!(
            error.clone().downlevel(Revision::V2025_11_25).code.0,
            -32002
        );
        assert_eq!(error.downlevel(Revision::V2026_07_28).code.0, -32602);
        let capabilities = ServerCapabilities {
            tools: Some(ListCapability::default()),
            completions: Some(Default::default()),
            ..Default::default()
        };
        assert!(
            capabilities
                .downlevel(Revision::V2024_11_05)
                .completions
                .is_none()
        );
        let block = ContentBlock::text("x")
            .with_annotations(Annotations::new().with_last_modified("2025-01-01"))
            .downlevel(Revision::V2025_03_26);
        assert!(
            !serde_json::to_string(&block)
                .unwrap()
                .contains("lastModified")
        );
    }
}
