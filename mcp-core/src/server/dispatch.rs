//! From a method to the handler that answers it.

use super::{
    Caller, Catalog, Core, Entry, HeaderParam, Item, ServerHandle,
    access::Access,
    completion,
    list::{List, PageQuery, Table},
    listen,
    methods::{self, Method},
};
use crate::{
    protocol::{
        Capability, DiscoverResult, EmptyCapability, Era, ErrorCode, ErrorObject, InitializeResult,
        Known, ListCapability, ResourceItem, ResourcesCapability, Revision, ServerCapabilities,
    },
    quirks::Quirks,
    refusal::{Refusal, RefusalKind},
    request::Request,
    response::{Payload, Response},
    route::{Route, RouteFuture, refusal_of},
};
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// The answer of a server: at once, or when a handler is done. Never fails.
pub(crate) enum ServerFuture {
    Ready(Option<Response>),
    Route(RouteFuture),
}

impl ServerFuture {
    pub(super) fn route(future: RouteFuture) -> Self {
        Self::Route(future)
    }

    pub(crate) fn ready(response: impl Into<Response>) -> Self {
        Self::Ready(Some(response.into()))
    }
}

impl Future for ServerFuture {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        match &mut *self {
            Self::Ready(response) => response.take().map_or(Poll::Pending, Poll::Ready),
            Self::Route(future) => future
                .as_mut()
                .poll(cx)
                .map(|answer| answer.unwrap_or_else(|error| refusal_of(error).into())),
        }
    }
}

/// What a method comes down to.
enum Step {
    Answer(Payload),
    Run(Route),
}

pub(super) fn dispatch(core: &Core, mut request: Request) -> ServerFuture {
    request.set_server(ServerHandle::new(&core.this));
    match core.step(&mut request) {
        Ok(Step::Answer(payload)) => ServerFuture::ready(payload),
        Ok(Step::Run(route)) => ServerFuture::route(route.start(request)),
        Err(refusal) => ServerFuture::ready(refusal),
    }
}

impl Core {
    /// What answers the request: the fallback when nothing else is offered.
    fn step(&self, request: &mut Request) -> Result<Step, Refusal> {
        match (self.offered_step(request), &self.fallback) {
            (Err(refusal), Some(fallback)) if refusal.kind() == RefusalKind::Method => {
                Ok(Step::Run(fallback.clone()))
            }
            (step, _) => step,
        }
    }

    fn offered_step(&self, request: &mut Request) -> Result<Step, Refusal> {
        let catalog = request.snapshot(|| self.catalog.load_full());
        let revision = request.facts().revision;
        let info = methods::find(request.method(), &self.extensions)
            .filter(|info| info.exists_in(revision));
        let info = info.ok_or_else(|| unknown(request))?;
        // A legacy client is told of changes, and sets its log level, in a session only.
        let telling = revision.era() == Era::Modern || request.session().is_some();
        let offered = || self.capabilities(&catalog, telling);
        let offers = |capability: bool| capability.then_some(()).ok_or_else(|| unknown(request));
        if request.facts().message.params().malformed {
            let error = ErrorObject::invalid_params("`params` must be an object");
            return Err(Refusal::answer(error));
        }
        match info.method {
            Method::Ping => Ok(Step::Answer(Payload::Empty)),
            Method::Initialize => Ok(Step::Answer(self.initialize(offered(), revision))),
            Method::Discover => Ok(Step::Answer(self.discover(offered(), request))),
            Method::ToolsList => {
                offers(catalog.tools.is_offered())?;
                self.list(&catalog.tools, List::Tools, request)
            }
            Method::PromptsList => {
                offers(catalog.prompts.is_offered())?;
                self.list(&catalog.prompts, List::Prompts, request)
            }
            Method::ResourcesList => {
                offers(catalog.offers_resources())?;
                self.list(&catalog.resources, List::Resources, request)
            }
            Method::TemplatesList => {
                offers(catalog.offers_resources())?;
                self.list(&catalog.templates, List::Templates, request)
            }
            Method::ToolsCall => {
                offers(catalog.tools.is_offered())?;
                let access = self.access_of(request);
                let tool = by_name(&catalog.tools, request, &access, unknown_tool)?;
                run(tool, request, &access)
            }
            Method::PromptsGet => {
                offers(catalog.prompts.is_offered())?;
                let access = self.access_of(request);
                let prompt = by_name(&catalog.prompts, request, &access, unknown_prompt)?;
                run(prompt, request, &access)
            }
            Method::ResourcesRead => {
                offers(catalog.offers_resources())?;
                self.read(&catalog, request)
            }
            Method::Complete => {
                offers(catalog.completes())?;
                let access = self.access_of(request);
                completion::route(&catalog, request, &access).map(Step::Run)
            }
            Method::SetLevel => listen::set_level(request).map(Step::Run),
            Method::Subscribe => {
                offers(catalog.offers_resources())?;
                listen::subscribe(self, &catalog, request).map(Step::Run)
            }
            Method::Unsubscribe => {
                offers(catalog.offers_resources())?;
                listen::unsubscribe(request).map(Step::Run)
            }
            Method::Listen => {
                let offered = offered();
                let changing = offered.tools.is_some() || offered.prompts.is_some();
                offers(changing || offered.resources.is_some())?;
                listen::route(self, &catalog, &offered, request).map(Step::Run)
            }
            Method::Extension(extension, method) => self.extension(extension, method, request),
        }
    }

    /// What the catalog offers. `telling` says whether the client can be told things outside of
    /// its calls; any catalog may change.
    pub(super) fn capabilities(&self, catalog: &Catalog, telling: bool) -> ServerCapabilities {
        let list = ListCapability {
            list_changed: telling,
        };
        let resources = ResourcesCapability {
            subscribe: telling,
            list_changed: telling,
        };
        let has_resources = catalog.offers_resources();
        ServerCapabilities {
            tools: catalog.tools.is_offered().then_some(list),
            prompts: catalog.prompts.is_offered().then_some(list),
            resources: has_resources.then_some(resources),
            completions: catalog.completes().then(EmptyCapability::default),
            logging: telling.then(EmptyCapability::default),
            extensions: self
                .extensions
                .iter()
                .map(|extension| extension.capability())
                .collect(),
        }
    }

    fn initialize(&self, capabilities: ServerCapabilities, revision: Revision) -> Payload {
        let result = InitializeResult::new(
            revision,
            capabilities,
            self.info.clone(),
            self.instructions.clone(),
        );
        Payload::Initialize(Box::new(result))
    }

    fn discover(&self, capabilities: ServerCapabilities, request: &Request) -> Payload {
        let forced = Quirks::of(request.extensions()).and_then(Quirks::forced_revision);
        let result = DiscoverResult::new(capabilities, self.instructions.clone(), forced);
        Payload::Discover(Box::new(result), self.settings.caches.discover)
    }

    fn list<D: Item>(
        &self,
        table: &Table<D>,
        list: List,
        request: &Request,
    ) -> Result<Step, Refusal> {
        let facts = request.facts();
        let cursor = match &facts.message.params().cursor {
            Known::Absent => None,
            Known::Is(cursor) => Some(cursor.as_str()),
            Known::Malformed => {
                let error = ErrorObject::invalid_params("`cursor` must be a string");
                return Err(Refusal::answer(error));
            }
        };
        let page = table.page(&PageQuery {
            member: list.member(),
            revision: facts.revision,
            cursor,
            page_size: self.settings.page_size,
            cache: self.settings.caches.list(list),
            principal: &facts.principal,
            mount: &facts.mount,
            access: self.access_of(request),
        });
        page.map(|page| Step::Answer(Payload::List(page)))
            .map_err(Refusal::answer)
    }

    fn extension(
        &self,
        extension: usize,
        method: usize,
        request: &Request,
    ) -> Result<Step, Refusal> {
        let Some(extension) = self.extensions.get(extension) else {
            return Err(unknown(request));
        };
        let identifier = extension.identifier();
        if !request.facts().client.capabilities().extension(identifier) {
            let error = ErrorObject::new(
                ErrorCode::MISSING_CLIENT_CAPABILITY,
                "the method needs an extension that the request does not declare",
            );
            let required = serde_json::json!({
                "requiredCapabilities": { "extensions": { identifier: {} } }
            });
            return Err(Refusal::envelope(error.with_data(&required)));
        }
        let method = extension
            .method_at(method)
            .ok_or_else(|| unknown(request))?;
        Ok(Step::Run(method.route.clone()))
    }

    /// What the caller of a request may see.
    pub(super) fn access_of<'a>(&'a self, request: &'a Request) -> Access<'a> {
        self.access(Caller::of(request))
    }

    fn read(&self, catalog: &Catalog, request: &mut Request) -> Result<Step, Refusal> {
        let uri = request.facts().message.params().uri.get().cloned();
        let uri = uri.ok_or_else(|| {
            Refusal::answer(ErrorObject::invalid_params("`uri` must be a string"))
        })?;
        let entry = self
            .find_resource(catalog, request)
            .ok_or_else(|| Refusal::answer(ErrorObject::resource_not_found(&uri)))?;
        run(&entry, request, &self.access_of(request))
    }

    /// The resource that a request names. It is matched against the templates once, unless a layer
    /// has changed what the caller can see.
    pub(super) fn find_resource(
        &self,
        catalog: &Catalog,
        request: &mut Request,
    ) -> Option<Arc<Entry<ResourceItem>>> {
        let access = self.access_of(request);
        if let Some(entry) = request.resource().filter(|entry| access.sees(entry)) {
            return Some(entry.clone());
        }
        let uri = request.facts().message.params().uri.get()?;
        let (entry, variables) = catalog.resource(uri, |entry| access.sees(entry))?;
        let entry = entry.clone();
        request.set_resource(entry.clone(), variables);
        Some(entry)
    }

    pub(super) fn header_params(&self, request: &mut Request) -> Arc<[HeaderParam]> {
        let catalog = request.snapshot(|| self.catalog.load_full());
        if !catalog.has_header_params {
            return Arc::default();
        }
        let is_call = methods::find(request.method(), &[])
            .is_some_and(|info| matches!(info.method, Method::ToolsCall));
        let access = self.access_of(request);
        let tool = request
            .target_name()
            .filter(|_| is_call)
            .and_then(|name| catalog.tools.find(name, &access))
            .filter(|tool| access.check(tool).is_ok())
            .filter(|tool| missing(tool.options.required(), request).is_empty());
        tool.map(|tool| tool.header_params.clone())
            .unwrap_or_default()
    }
}

fn unknown(request: &Request) -> Refusal {
    Refusal::method_not_found(request.method())
}

/// The capabilities that an operation needs and the client has not declared.
fn missing(required: &[Capability], request: &Request) -> Vec<Capability> {
    if required.is_empty() {
        return Vec::new();
    }
    let declared = request.facts().client.capabilities();
    let required = required.iter().copied();
    required
        .filter(|capability| !declared.supports(*capability))
        .collect()
}

fn by_name<'a, D: Item>(
    table: &'a Table<D>,
    request: &Request,
    access: &Access<'_>,
    unknown: fn(&Request, &str) -> ErrorObject,
) -> Result<&'a Entry<D>, Refusal> {
    let name = request.facts().message.params().name.get();
    let name = name
        .ok_or_else(|| Refusal::answer(ErrorObject::invalid_params("`name` must be a string")))?;
    let entry = table.find(name, access);
    entry.map(|entry| &**entry).ok_or_else(|| {
        let shown: String = name.chars().take(128).collect();
        Refusal::answer(unknown(request, &shown))
    })
}

fn unknown_tool(request: &Request, name: &str) -> ErrorObject {
    let quirks = Quirks::of(request.extensions());
    if quirks.is_some_and(Quirks::has_unknown_tool_as_method) {
        let message = format!("Tool not found: {name}");
        return ErrorObject::new(ErrorCode::METHOD_NOT_FOUND, message);
    }
    ErrorObject::invalid_params(format!("Unknown tool: {name}"))
}

fn unknown_prompt(_: &Request, name: &str) -> ErrorObject {
    ErrorObject::invalid_params(format!("Unknown prompt: {name}"))
}

fn run<D: Item>(entry: &Entry<D>, request: &Request, access: &Access<'_>) -> Result<Step, Refusal> {
    access.check(entry)?;
    let missing = missing(entry.options.required(), request);
    if missing.is_empty() {
        request.peer().resume(request.facts())?;
        Ok(Step::Run(entry.route.clone()))
    } else {
        Err(missing_capability(&missing, request.facts().revision))
    }
}

/// −32021 belongs to the modern era; an older client is told in words.
fn missing_capability(missing: &[Capability], revision: Revision) -> Refusal {
    let refusal = Refusal::missing_capability(missing);
    match revision.era() {
        Era::Modern => refusal,
        Era::Legacy => {
            let message = refusal.error().message.clone();
            Refusal::answer(ErrorObject::invalid_params(message))
        }
    }
}
