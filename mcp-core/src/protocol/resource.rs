//! Resources, templates of resources, and their contents.

use super::{Annotations, CacheHint, Icon, Meta, ResourceContents, Role};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A resource as `resources/list` shows it, or a link to one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Resource {
    /// Its URI.
    pub uri: Cow<'static, str>,
    /// What is true of resources and templates alike.
    #[serde(flatten)]
    pub about: About,
    /// Its size in bytes before any encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// A family of resources as `resources/templates/list` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceTemplate {
    /// An RFC 6570 template.
    pub uri_template: Cow<'static, str>,
    /// What is true of resources and templates alike.
    #[serde(flatten)]
    pub about: About,
}

/// The members that [`Resource`] and [`ResourceTemplate`] share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct About {
    /// A name for programs.
    pub name: Cow<'static, str>,
    /// A name for people (from 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Cow<'static, str>>,
    /// What it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'static, str>>,
    /// The media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<Cow<'static, str>>,
    /// Hints for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
    /// Icons (from 2025-11-25).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Free metadata (from 2025-06-18).
    #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl std::ops::Deref for Resource {
    type Target = About;

    fn deref(&self) -> &About {
        &self.about
    }
}

impl std::ops::DerefMut for Resource {
    fn deref_mut(&mut self) -> &mut About {
        &mut self.about
    }
}

/// What a server offers to read: one URI, or a template of URIs.
///
/// ```
/// use mcp_core::protocol::ResourceItem;
///
/// let note = ResourceItem::new("notes://{id}", "note").with_mime_type("text/plain");
/// assert!(note.is_template());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResourceItem {
    /// The URI or RFC 6570 template.
    pub uri: Cow<'static, str>,
    /// Everything else.
    pub about: About,
    /// The size in bytes; resources only.
    pub size: Option<u64>,
}

impl ResourceItem {
    /// A resource or, when `uri` has an expression in braces, a template.
    pub fn new(uri: impl Into<Cow<'static, str>>, name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            uri: uri.into(),
            about: About {
                name: name.into(),
                title: None,
                description: None,
                mime_type: None,
                annotations: None,
                icons: Vec::new(),
                meta: None,
            },
            size: None,
        }
    }

    /// Whether the URI is a template.
    pub fn is_template(&self) -> bool {
        self.uri.contains('{')
    }

    /// The form in `resources/list`; also a link for a tool's result.
    pub fn to_resource(&self) -> Resource {
        Resource {
            uri: self.uri.clone(),
            about: self.about.clone(),
            size: self.size,
        }
    }

    /// The form in `resources/templates/list`.
    pub fn to_template(&self) -> ResourceTemplate {
        ResourceTemplate {
            uri_template: self.uri.clone(),
            about: self.about.clone(),
        }
    }

    /// A name for people.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.about.title = Some(title.into());
        self
    }

    /// What it holds.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.about.description = Some(description.into());
        self
    }

    /// The media type.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<Cow<'static, str>>) -> Self {
        self.about.mime_type = Some(mime_type.into());
        self
    }

    /// The size in bytes.
    #[must_use]
    pub fn with_size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Whom it is for.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<Vec<Role>>) -> Self {
        self.annotate(|hints| hints.with_audience(audience));
        self
    }

    /// How important it is, from 0 to 1.
    #[must_use]
    pub fn with_priority(mut self, priority: f64) -> Self {
        self.annotate(|hints| hints.with_priority(priority));
        self
    }

    /// When it changed last (ISO 8601).
    #[must_use]
    pub fn with_last_modified(mut self, last_modified: impl Into<String>) -> Self {
        self.annotate(|hints| hints.with_last_modified(last_modified));
        self
    }

    /// Adds an icon.
    #[must_use]
    pub fn with_icon(mut self, icon: Icon) -> Self {
        self.about.icons.push(icon);
        self
    }

    /// Sets the metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.about.meta = Some(meta);
        self
    }

    fn annotate(&mut self, change: impl FnOnce(Annotations) -> Annotations) {
        let hints = self.about.annotations.take().unwrap_or_default();
        self.about.annotations = Some(change(hints));
    }
}

/// What `resources/read` answers: at least one entry; a missing resource is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadResult {
    /// The contents.
    pub contents: Vec<ResourceContents>,
    /// How long the contents may be reused; written for modern clients only.
    #[serde(skip)]
    pub cache: Option<CacheHint>,
    /// Free metadata.
    #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl ReadResult {
    /// These contents.
    pub fn new(contents: impl Into<Vec<ResourceContents>>) -> Self {
        Self {
            contents: contents.into(),
            ..Self::default()
        }
    }

    /// Says how long the contents may be reused.
    #[must_use]
    pub fn with_cache(mut self, hint: CacheHint) -> Self {
        self.cache = Some(hint);
        self
    }
}
