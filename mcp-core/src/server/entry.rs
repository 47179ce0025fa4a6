//! One item of the catalog: its definition, its handler, and its rendered forms.

use super::{
    HeaderParam, Options,
    access::{Caller, Offered, Visible},
    completion::{Completer, Completers},
    list::Replace,
};
use crate::{
    error::BoxError,
    protocol::{Prompt, ResourceItem, Revision, Tool, compat::Downlevel},
    request::Request,
    response::Response,
    route::Route,
};
use bytes::Bytes;
use serde::Serialize;
use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};
use tower_layer::Layer;
use tower_service::Service;

/// A tool, prompt or resource with its handler.
///
/// Made from data by `Entry::tool`, `Entry::prompt` and `Entry::resource`; annotated functions
/// become entries when they are registered.
#[derive(Debug)]
pub struct Entry<D> {
    pub(super) definition: D,
    pub(super) route: Route,
    pub(super) options: Options,
    pub(super) header_params: Arc<[HeaderParam]>,
    pub(super) problems: Vec<String>,
    filters: Vec<Filter<D>>,
    completers: Completers,
    rendered: [OnceLock<Bytes>; Revision::COUNT],
    /// Whether its schemas are checked already.
    #[cfg(feature = "json-schema")]
    is_checked: bool,
}

/// A predicate of an entry's own, or of the catalog that it came from.
#[derive(Debug)]
struct Filter<D> {
    visible: Visible,
    /// What the predicate knows the item as, where a prefix has changed that since.
    known_as: Option<Box<D>>,
}

/// What an entry defines: [`Tool`], [`Prompt`] or [`ResourceItem`].
pub trait Item: Clone + Sized + Send + Sync + 'static {
    #[doc(hidden)]
    fn key(&self) -> &str;
    #[doc(hidden)]
    fn prefix(&mut self, prefix: &str);
    #[doc(hidden)]
    fn offered(&self) -> Offered<'_>;
    #[doc(hidden)]
    fn render(&self, revision: Revision) -> Vec<u8>;
    #[doc(hidden)]
    fn add(entry: Entry<Self>, catalog: &mut super::Catalog, may: Replace);
}

impl<D: Item> Entry<D> {
    pub(crate) fn new(definition: D, route: Route, options: Options) -> Self {
        Self {
            definition,
            route,
            options,
            header_params: Arc::default(),
            problems: Vec::new(),
            filters: Vec::new(),
            completers: Completers::default(),
            rendered: Default::default(),
            #[cfg(feature = "json-schema")]
            is_checked: false,
        }
    }

    /// Says that its schemas are checked; tells whether they were before.
    #[cfg(feature = "json-schema")]
    pub(crate) fn mark_checked(&mut self) -> bool {
        std::mem::replace(&mut self.is_checked, true)
    }

    pub(crate) fn with_problems(mut self, problems: Vec<String>) -> Self {
        self.problems.extend(problems);
        self
    }

    pub(crate) fn with_completers(mut self, completers: Completers) -> Self {
        self.completers = completers;
        self
    }

    /// Sets how it is run. Scopes that were needed before still are.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options.keep_scopes_of(&self.options);
        self
    }

    /// Scopes that a caller needs: see [`Options::scopes`].
    ///
    /// ```
    /// use mcp_core::{Entry, Server, ToolError, protocol::{Tool, ToolResult}};
    ///
    /// let entry = Entry::tool(Tool::new("save"), |_, _| async {
    ///     Ok::<_, ToolError>(ToolResult::text("saved"))
    /// });
    /// let entry = entry.scopes("notes:write");
    /// let server = Server::builder("notes", "1.0").entry(entry).build();
    /// ```
    #[must_use]
    pub fn scopes(mut self, scopes: &str) -> Self {
        self.options = self.options.scopes(scopes);
        self
    }

    /// Shows it only to callers for whom the predicate holds: to others it does not exist. See
    /// [`ServerBuilder::visible`](crate::ServerBuilder::visible).
    #[must_use]
    pub fn visible(self, predicate: impl Fn(&Caller<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.filtered(&[Visible::new(move |_, caller| predicate(caller))])
    }

    /// Adds the predicates of the catalog that it comes from.
    pub(super) fn filtered(mut self, filters: &[Visible]) -> Self {
        self.filters.extend(filters.iter().map(|visible| Filter {
            visible: visible.clone(),
            known_as: None,
        }));
        self
    }

    pub(super) fn is_filtered(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Whether its own predicates hold.
    pub(super) fn admits(&self, caller: &Caller<'_>) -> bool {
        self.filters.iter().all(|filter| {
            let known_as = filter.known_as.as_deref().unwrap_or(&self.definition);
            filter.visible.allows(known_as.offered(), caller)
        })
    }

    /// Wraps its handler in a layer.
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.wrap(layer);
        self
    }

    /// Wraps its handler in a layer, in place.
    pub(crate) fn wrap<L>(&mut self, layer: L)
    where
        L: Layer<Route>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.route = self.route.clone().layer(layer);
    }

    /// What it defines.
    pub fn definition(&self) -> &D {
        &self.definition
    }

    /// Says what suggests values for an argument; the last one said counts.
    pub(crate) fn set_completer(&mut self, argument: &str, completer: Completer) {
        self.completers.insert(argument, completer);
    }

    pub(super) fn completer(&self, argument: &str) -> Option<Completer> {
        self.completers.get(argument)
    }

    /// Puts it under a prefix, as part of a nested catalog.
    pub(super) fn nested(mut self, prefix: &str) -> Self {
        for filter in &mut self.filters {
            let known_as = || Box::new(self.definition.clone());
            filter.known_as.get_or_insert_with(known_as);
        }
        self.definition.prefix(prefix);
        self.rendered = Default::default();
        self
    }

    /// The form in lists, rendered once per revision.
    pub(super) fn rendered(&self, revision: Revision) -> &Bytes {
        self.rendered[revision.index()].get_or_init(|| self.definition.render(revision).into())
    }
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    // Definitions are strings, numbers and raw JSON: they always serialize.
    serde_json::to_vec(value).unwrap_or_default()
}

fn join(prefix: &str, name: &str) -> Cow<'static, str> {
    // Of the characters that names may have, this is the one every model provider accepts.
    Cow::Owned(format!("{prefix}_{name}"))
}

impl Item for Tool {
    fn key(&self) -> &str {
        &self.name
    }

    fn prefix(&mut self, prefix: &str) {
        self.name = join(prefix, &self.name);
    }

    fn offered(&self) -> Offered<'_> {
        Offered::Tool(self)
    }

    fn render(&self, revision: Revision) -> Vec<u8> {
        json(&self.clone().downlevel(revision))
    }

    fn add(entry: Entry<Self>, catalog: &mut super::Catalog, may: Replace) {
        catalog.add_tool(entry, may);
    }
}

impl Item for Prompt {
    fn key(&self) -> &str {
        &self.name
    }

    fn prefix(&mut self, prefix: &str) {
        self.name = join(prefix, &self.name);
    }

    fn offered(&self) -> Offered<'_> {
        Offered::Prompt(self)
    }

    fn render(&self, revision: Revision) -> Vec<u8> {
        json(&self.clone().downlevel(revision))
    }

    fn add(entry: Entry<Self>, catalog: &mut super::Catalog, may: Replace) {
        catalog.add_prompt(entry, may);
    }
}

impl Item for ResourceItem {
    fn key(&self) -> &str {
        &self.uri
    }

    /// URIs name the same thing wherever they are offered; only the name is prefixed.
    fn prefix(&mut self, prefix: &str) {
        self.about.name = join(prefix, &self.about.name);
    }

    fn offered(&self) -> Offered<'_> {
        Offered::Resource(self)
    }

    fn render(&self, revision: Revision) -> Vec<u8> {
        if self.is_template() {
            json(&self.to_template().downlevel(revision))
        } else {
            json(&self.to_resource().downlevel(revision))
        }
    }

    fn add(entry: Entry<Self>, catalog: &mut super::Catalog, may: Replace) {
        catalog.add_resource(entry, may);
    }
}
