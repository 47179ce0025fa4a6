//! How a request is run, known before its layers see it.

use super::{
    Catalog, Core, Entry, Item, Options,
    methods::{self, Method, MethodInfo},
};
use crate::{
    audit::Audit,
    call::span::Subject,
    protocol::{Prompt, ResourceItem, Tool},
    request::Request,
};
use std::{sync::Arc, time::Duration};
use tracing::Span;

/// How one request is run.
///
/// The operation is looked up before the layers run, so that its limits hold from outside all of
/// them. The request keeps the catalog that was asked; a layer that sends another request on
/// keeps these limits.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) limit: Option<Duration>,
    pub(crate) is_tool: bool,
    pub(crate) run_to_completion: bool,
    pub(crate) span: Span,
    pub(crate) audit: Option<Box<Audit>>,
}

/// The entry of the operation that a request names.
enum Named<'a> {
    Tool(&'a Entry<Tool>),
    Prompt(&'a Entry<Prompt>),
    Resource(Arc<Entry<ResourceItem>>),
    Nothing,
}

impl Core {
    pub(super) fn plan(&self, request: &mut Request) -> Plan {
        let catalog = request.snapshot(|| self.catalog.load_full());
        let info = methods::find(request.method(), &self.extensions)
            .filter(|info| info.exists_in(request.facts().revision));
        let known = info.is_some() || self.fallback.is_some();
        let named = self.named(&catalog, info, request);
        let options = named.options();
        let subject = named.subject(known);
        // A stream of notifications lasts as long as its client wants it.
        let server_limit = match info {
            Some(info) if info.is_stream() => None,
            _ => self.settings.timeout,
        };
        Plan {
            limit: options.and_then(Options::time_limit).or(server_limit),
            is_tool: matches!(named, Named::Tool(_)),
            run_to_completion: options.is_some_and(Options::runs_to_completion),
            span: subject.span(request),
            audit: Audit::begin(
                &self.settings.hooks,
                request,
                subject.method(request),
                subject.item(),
            ),
        }
    }
}

impl Core {
    /// What a caller cannot see has neither limits nor a name in logs.
    fn named<'a>(
        &self,
        catalog: &'a Catalog,
        info: Option<MethodInfo>,
        request: &mut Request,
    ) -> Named<'a> {
        let by_name = |request: &Request| request.facts().message.params().name.get().cloned();
        let named = match info.map(|info| info.method) {
            Some(Method::ToolsCall) => by_name(request)
                .and_then(|name| catalog.tools.find(&name, &self.access_of(request)))
                .map(|entry| Named::Tool(entry)),
            Some(Method::PromptsGet) => by_name(request)
                .and_then(|name| catalog.prompts.find(&name, &self.access_of(request)))
                .map(|entry| Named::Prompt(entry)),
            Some(Method::ResourcesRead) => {
                self.find_resource(catalog, request).map(Named::Resource)
            }
            _ => None,
        };
        named.unwrap_or(Named::Nothing)
    }
}

impl Named<'_> {
    fn options(&self) -> Option<&Options> {
        match self {
            Self::Tool(entry) => Some(&entry.options),
            Self::Prompt(entry) => Some(&entry.options),
            Self::Resource(entry) => Some(&entry.options),
            Self::Nothing => None,
        }
    }

    /// The names come from the catalog: what a client sends in their place is not recorded.
    fn subject(&self, known: bool) -> Subject<'_> {
        let mut subject = Subject::new(known);
        match self {
            Self::Tool(entry) => subject.tool = Some(entry.definition.key()),
            Self::Prompt(entry) => subject.prompt = Some(entry.definition.key()),
            // The URI of a resource holds values of variables.
            Self::Resource(entry) => subject.resource = Some(&entry.definition.about.name),
            Self::Nothing => {}
        }
        subject
    }
}
