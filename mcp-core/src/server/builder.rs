//! Building a server.

use super::{
    BuildError, Caller, Catalog, Core, Entry, Item, Offered, ProtocolExtension, Server, Settings,
    access::Visible, completion::Completer, dispatch,
};
use crate::{
    audit::{AuditEvent, Hook},
    context::Context,
    drain::Drain,
    error::{BoxError, RequestError},
    handler::Annotated,
    hub::Hub,
    prompt::PromptHandler,
    protocol::{CompletionContext, Implementation},
    request::Request,
    resource::ResourceHandler,
    response::{Identity, Response},
    route::{Handle, Route, RouteFuture},
    seal::KeyRing,
    tool::ToolHandler,
};
use arc_swap::ArcSwap;
use std::{
    borrow::Cow,
    fmt,
    future::Future,
    sync::{Arc, Mutex, OnceLock},
};
use tower_layer::Layer;
use tower_service::Service;

/// How many clients may listen to changes at once, unless set.
const MAX_LISTENERS: usize = 16_384;

/// Builds a [`Server`]. State comes before the handlers that take parts of it.
///
/// ```
/// use mcp_core::{Server, State, mcp_tool};
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
///
/// #[mcp_tool(title = "Count")]
/// async fn count(State(counter): State<Arc<AtomicU64>>) -> u64 {
///     counter.fetch_add(1, Ordering::Relaxed)
/// }
///
/// let server = Server::builder("counter", "1.0")
///     .state(Arc::new(AtomicU64::new(0)))
///     .instructions("Counts calls.")
///     .tool(count)
///     .build();
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct ServerBuilder<S = ()> {
    state: Arc<S>,
    pub(super) info: Implementation,
    pub(super) instructions: Option<Cow<'static, str>>,
    pub(super) catalog: Catalog,
    pub(super) settings: Settings,
    extensions: Vec<ProtocolExtension>,
    fallback: Option<Route>,
    pub(super) keys: Option<KeyRing>,
    layers: Vec<Box<dyn FnOnce(Route) -> Route + Send>>,
    problems: Vec<String>,
}

impl ServerBuilder<()> {
    pub(super) fn new(info: Implementation) -> Self {
        Self {
            state: Arc::new(()),
            info,
            instructions: None,
            catalog: Catalog::default(),
            settings: Settings::default(),
            extensions: Vec::new(),
            fallback: None,
            keys: None,
            layers: Vec::new(),
            problems: Vec::new(),
        }
    }
}

impl<S: Send + Sync + 'static> ServerBuilder<S> {
    /// Sets the state for the handlers that are added from here on.
    pub fn state<T>(self, state: T) -> ServerBuilder<T> {
        ServerBuilder {
            state: Arc::new(state),
            info: self.info,
            instructions: self.instructions,
            catalog: self.catalog,
            settings: self.settings,
            extensions: self.extensions,
            fallback: self.fallback,
            keys: self.keys,
            layers: self.layers,
            problems: self.problems,
        }
    }

    /// Adds a function that carries `#[mcp_tool]`.
    pub fn tool<F, P, Via>(self, tool: F) -> Self
    where
        F: Annotated<P>,
        F::Marker: ToolHandler<S, Via>,
        Via: 'static,
    {
        let _ = tool;
        let entry = Entry::typed_tool::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry)
    }

    /// Adds a tool whose handler is wrapped in a layer, outside of that of its attribute.
    pub fn tool_with<F, P, Via, L>(self, tool: F, layer: L) -> Self
    where
        F: Annotated<P>,
        F::Marker: ToolHandler<S, Via>,
        Via: 'static,
        L: Layer<Route>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let _ = tool;
        let entry = Entry::typed_tool::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry.layer(layer))
    }

    /// Adds a function that carries `#[mcp_prompt]`.
    pub fn prompt<F, P, Via>(self, prompt: F) -> Self
    where
        F: Annotated<P>,
        F::Marker: PromptHandler<S, Via>,
        Via: 'static,
    {
        let _ = prompt;
        let entry = Entry::typed_prompt::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry)
    }

    /// Adds a prompt whose handler is wrapped in a layer, outside of that of its attribute.
    pub fn prompt_with<F, P, Via, L>(self, prompt: F, layer: L) -> Self
    where
        F: Annotated<P>,
        F::Marker: PromptHandler<S, Via>,
        Via: 'static,
        L: Layer<Route>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let _ = prompt;
        let entry = Entry::typed_prompt::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry.layer(layer))
    }

    /// Adds a function that carries `#[mcp_resource]`.
    pub fn resource<F, P, Via>(self, resource: F) -> Self
    where
        F: Annotated<P>,
        F::Marker: ResourceHandler<S, Via>,
        Via: 'static,
    {
        let _ = resource;
        let entry = Entry::typed_resource::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry)
    }

    /// Adds a resource or template whose handler is wrapped in a layer, outside of that of its
    /// attribute.
    pub fn resource_with<F, P, Via, L>(self, resource: F, layer: L) -> Self
    where
        F: Annotated<P>,
        F::Marker: ResourceHandler<S, Via>,
        Via: 'static,
        L: Layer<Route>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let _ = resource;
        let entry = Entry::typed_resource::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry.layer(layer))
    }

    /// Adds an item that is data: see `Entry::tool`, `Entry::prompt` and `Entry::resource`.
    pub fn entry<D: Item>(mut self, entry: Entry<D>) -> Self {
        self.catalog.add(entry);
        self
    }

    /// Suggests values for an argument of a prompt, named by the prompt's name, or for a variable
    /// of a resource template, named by the template: a function of what was typed and what is
    /// known already. The first hundred values are sent.
    pub fn complete<F, Fut, V, E>(mut self, of: &str, argument: &str, suggest: F) -> Self
    where
        F: Fn(String, CompletionContext, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
        V: IntoIterator<Item = String>,
        E: Into<RequestError>,
    {
        let completer = Completer::function(suggest);
        if !self.catalog.set_completer(of, argument, completer) {
            let problem = format!("completion: there is no argument `{argument}` of `{of}`");
            self.problems.push(problem);
        }
        self
    }

    /// Adds everything another builder holds, in its order. Of the other builder only the items
    /// are taken; they keep their own state, and stay [visible](Self::visible) to whom they were.
    pub fn merge<T>(mut self, other: ServerBuilder<T>) -> Self {
        let (catalog, problems, filters) = other.into_items();
        self.problems.extend(problems);
        self.catalog.absorb(catalog, &filters, None);
        self
    }

    /// Adds everything another builder holds, with names that start with `prefix` and `_`. URIs
    /// of resources stay what they are.
    pub fn nest<T>(mut self, prefix: &str, other: ServerBuilder<T>) -> Self {
        let (catalog, problems, filters) = other.into_items();
        self.problems.extend(problems);
        self.catalog.absorb(catalog, &filters, Some(prefix));
        self
    }

    /// Wraps all requests in a layer, outside of those added before and around every operation's
    /// own.
    ///
    /// A layer's error may be anything that converts to a boxed error: a
    /// [`Refusal`](crate::Refusal) is told as it is, Tower's overload and timeout errors have
    /// refusals of their own, anything else is internal.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Send + 'static,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.layers.push(Box::new(|route| route.layer(layer)));
        self
    }

    /// Answers methods that nothing else answers.
    pub fn fallback(mut self, route: Route) -> Self {
        self.fallback = Some(route);
        self
    }

    /// Adds an extension of the protocol.
    pub fn extension(mut self, extension: ProtocolExtension) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Shows each caller only the items for which the predicate holds; several must all hold.
    ///
    /// To other callers an item does not exist: no list holds it, and calling, reading or
    /// completing it is answered like a name that nobody knows. Who subscribes to such a resource
    /// is told nothing. Lists become `private`.
    ///
    /// The predicate is asked for every item of a list, so it should decide by what is at hand. It
    /// must not change the server. When it panics the item is hidden.
    ///
    /// ```
    /// use mcp_core::{Offered, Server, mcp_tool};
    ///
    /// #[mcp_tool]
    /// async fn add(a: i64, b: i64) -> i64 {
    ///     a + b
    /// }
    ///
    /// #[mcp_tool]
    /// async fn admin_reset() {}
    ///
    /// let server = Server::builder("calculator", "1.0")
    ///     .tool(add)
    ///     .tool(admin_reset)
    ///     .visible(|item, caller| match item {
    ///         Offered::Tool(tool) if tool.name.starts_with("admin_") => {
    ///             caller.scopes().contains("admin")
    ///         }
    ///         _ => true,
    ///     })
    ///     .build();
    /// ```
    pub fn visible(
        mut self,
        predicate: impl Fn(Offered<'_>, &Caller<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.settings.filters.push(Visible::new(predicate));
        self
    }

    /// Hears of every request once, when it is over, whatever became of it: answered, refused by
    /// a layer, timed out, cancelled, panicked. Several hooks are called in order.
    ///
    /// Requests that a transport refuses before they reach a server, such as malformed ones, are
    /// the transport's to tell. The hook runs where the request ran and must not block.
    ///
    /// ```
    /// use mcp_core::Server;
    ///
    /// let server = Server::builder("audited", "1.0")
    ///     .audit(|event| {
    ///         let who = event.principal.subject().unwrap_or("anonymous");
    ///         let what = event.item.unwrap_or(event.method);
    ///         println!("{who} {what} {} {:?}", event.outcome.as_str(), event.duration);
    ///     })
    ///     .build();
    /// ```
    pub fn audit(mut self, hook: impl Fn(&AuditEvent<'_>) + Send + Sync + 'static) -> Self {
        self.settings.hooks.push(Hook::new(hook));
        self
    }

    /// Builds the server.
    ///
    /// # Panics
    /// When something is wrong with it, naming everything that is: names that are taken twice or
    /// not valid, schemas that contradict each other. [`try_build`](Self::try_build) returns it.
    pub fn build(self) -> Server {
        match self.try_build() {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        }
    }

    /// Builds the server.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn try_build(mut self) -> Result<Server, BuildError> {
        let mut problems = self.catalog.finish(&self.settings);
        problems.append(&mut self.problems);
        BuildError::check(problems)?;
        let limit = self.settings.listeners.unwrap_or(MAX_LISTENERS);
        let core = Arc::new_cyclic(|this| Core {
            identity: Identity::new(&self.info),
            info: self.info,
            instructions: self.instructions,
            catalog: ArcSwap::from_pointee(self.catalog),
            writer: Mutex::default(),
            hub: Arc::new(Hub::new(limit)),
            drain: Arc::new(Drain::new()),
            this: this.clone(),
            settings: self.settings,
            extensions: self.extensions,
            fallback: self.fallback,
            keys: self.keys.map_or_else(OnceLock::new, OnceLock::from),
        });
        let layered = (!self.layers.is_empty()).then(|| {
            let innermost = Route::direct(Dispatch(core.clone()));
            let layers = self.layers.into_iter();
            layers.fold(innermost, |route, layer| layer(route))
        });
        Ok(Server { core, layered })
    }
}

impl<S> ServerBuilder<S> {
    /// The items, what is wrong with them, and who may see them.
    pub(super) fn into_items(mut self) -> (Catalog, Vec<String>, Vec<Visible>) {
        let mut problems = self.catalog.finish(&self.settings);
        problems.append(&mut self.problems);
        (self.catalog, problems, self.settings.filters)
    }
}

/// Dispatch as the innermost service of the layers around all requests.
struct Dispatch(Arc<Core>);

impl Handle for Dispatch {
    fn handle(&self, request: Request) -> RouteFuture {
        let answer = dispatch::dispatch(&self.0, request);
        Box::pin(async move { Ok(answer.await) })
    }
}

impl<S> fmt::Debug for ServerBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
