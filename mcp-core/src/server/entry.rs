//! One item of the catalog: its definition, its handler, and its rendered forms.

use super::{
    HeaderParam, Options,
    completion::{Completer, Completers},
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
    completers: Completers,
    rendered: [OnceLock<Bytes>; Revision::COUNT],
}

/// What an entry defines: [`Tool`], [`Prompt`] or [`ResourceItem`].
pub trait Item: Sized + Send + Sync + 'static {
    #[doc(hidden)]
    fn key(&self) -> &str;
    #[doc(hidden)]
    fn prefix(&mut self, prefix: &str);
    #[doc(hidden)]
    fn render(&self, revision: Revision) -> Vec<u8>;
    #[doc(hidden)]
    fn add(entry: Entry<Self>, catalog: &mut super::Catalog);
}

impl<D: Item> Entry<D> {
    pub(crate) fn new(definition: D, route: Route, options: Options) -> Self {
        Self {
            definition,
            route,
            options,
            header_params: Arc::default(),
            problems: Vec::new(),
            completers: Completers::default(),
            rendered: Default::default(),
        }
    }

    pub(crate) fn with_problems(mut self, problems: Vec<String>) -> Self {
        self.problems.extend(problems);
        self
    }

    pub(crate) fn with_completers(mut self, completers: Completers) -> Self {
        self.completers = completers;
        self
    }

    /// Sets how it is run.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
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
        self.route = self.route.layer(layer);
        self
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

    fn render(&self, revision: Revision) -> Vec<u8> {
        json(&self.clone().downlevel(revision))
    }

    fn add(entry: Entry<Self>, catalog: &mut super::Catalog) {
        catalog.add_tool(entry);
    }
}

impl Item for Prompt {
    fn key(&self) -> &str {
        &self.name
    }

    fn prefix(&mut self, prefix: &str) {
        self.name = join(prefix, &self.name);
    }

    fn render(&self, revision: Revision) -> Vec<u8> {
        json(&self.clone().downlevel(revision))
    }

    fn add(entry: Entry<Self>, catalog: &mut super::Catalog) {
        catalog.add_prompt(entry);
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

    fn render(&self, revision: Revision) -> Vec<u8> {
        if self.is_template() {
            json(&self.to_template().downlevel(revision))
        } else {
            json(&self.to_resource().downlevel(revision))
        }
    }

    fn add(entry: Entry<Self>, catalog: &mut super::Catalog) {
        catalog.add_resource(entry);
    }
}
