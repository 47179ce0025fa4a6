//! Building a server.

use super::{
    BuildError, Catalog, Core, Entry, Item, List, ProtocolExtension, Server, Settings,
    completion::Completer, dispatch,
};
use crate::{
    context::Context,
    drain::Drain,
    error::{BoxError, RequestError},
    handler::Annotated,
    hub::Hub,
    peer::BoxFuture,
    prompt::PromptHandler,
    protocol::{CacheHint, CompletionContext, Icon, Implementation},
    request::Request,
    resource::ResourceHandler,
    response::{Identity, Response},
    round::OneShot,
    route::{Handle, Route},
    seal::KeyRing,
    tool::ToolHandler,
};
use arc_swap::ArcSwap;
use std::{
    borrow::Cow,
    fmt,
    future::Future,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
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
    info: Implementation,
    instructions: Option<Cow<'static, str>>,
    catalog: Catalog,
    settings: Settings,
    extensions: Vec<ProtocolExtension>,
    fallback: Option<Route>,
    keys: Option<KeyRing>,
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

    /// Adds a tool whose handler is wrapped in a layer.
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
    /// are taken; they keep their own state.
    pub fn merge<T>(mut self, other: ServerBuilder<T>) -> Self {
        self.problems.extend(other.problems);
        self.catalog.absorb(other.catalog, None);
        self
    }

    /// Adds everything another builder holds, with names that start with `prefix` and `_`. URIs
    /// of resources stay what they are.
    pub fn nest<T>(mut self, prefix: &str, other: ServerBuilder<T>) -> Self {
        self.problems.extend(other.problems);
        self.catalog.absorb(other.catalog, Some(prefix));
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

    /// Tells models how to use the server.
    pub fn instructions(mut self, instructions: impl Into<Cow<'static, str>>) -> Self {
        self.instructions = Some(instructions.into());
        self
    }

    /// A name for people.
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.info.title = Some(title.into());
        self
    }

    /// What the server is.
    pub fn description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.info.description = Some(description.into());
        self
    }

    /// Where the server lives.
    pub fn website_url(mut self, url: impl Into<Cow<'static, str>>) -> Self {
        self.info.website_url = Some(url.into());
        self
    }

    /// Adds an icon.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.info.icons.push(icon);
        self
    }

    /// How many items a page of a list holds; all of them unless set. Zero counts as one.
    pub fn page_size(mut self, items: usize) -> Self {
        self.settings.page_size = Some(items.max(1));
        self
    }

    /// How long a call may take, layers and streaming included; without limit unless set. An
    /// operation's own [`Options::timeout`](crate::Options::timeout) takes its place.
    /// Listening to changes has no
    /// limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.settings.timeout = Some(limit);
        self
    }

    /// How many clients may listen to changes at once; 16 384 unless set. A further one is told to
    /// try again later.
    pub fn max_listeners(mut self, listeners: usize) -> Self {
        self.settings.listeners = Some(listeners);
        self
    }

    /// Offers tools, prompts and resources even while there are none, since
    /// [`Server::update`] may add some. A kind that has had an item is offered for good.
    pub fn changing(mut self) -> Self {
        self.catalog.offer_all();
        self
    }

    /// The keys that the state of unfinished calls is sealed with. Random unless set: replicas
    /// that are to continue each other's calls must share theirs.
    pub fn keys(mut self, keys: KeyRing) -> Self {
        self.keys = Some(keys);
        self.settings.has_shared_keys = true;
        self
    }

    /// Lets each state of an unfinished call be used once, in this process: for effects that must
    /// never happen twice. Up to `states` of them are remembered until they expire; when there is
    /// no room, calls that come back with a state are refused with 503.
    ///
    /// A client that lost an answer can then not repeat its request. Replicas do not know what was
    /// used elsewhere.
    pub fn one_shot_rounds(mut self, states: usize) -> Self {
        self.settings.one_shot = Some(OneShot::new(states));
        self
    }

    /// How long modern clients may reuse lists; not at all unless set.
    pub fn cache_lists(self, hint: CacheHint) -> Self {
        let lists = List::ALL.into_iter();
        lists.fold(self, |builder, list| builder.cache_list(list, hint))
    }

    /// How long modern clients may reuse one list. What a resource holds has a hint of its own:
    /// [`ReadResult::with_cache`](crate::protocol::ReadResult::with_cache).
    pub fn cache_list(mut self, list: List, hint: CacheHint) -> Self {
        self.settings.caches.set_list(list, hint);
        self
    }

    /// How long modern clients may reuse the answer to `server/discover`; not at all unless set.
    pub fn cache_discover(mut self, hint: CacheHint) -> Self {
        self.settings.caches.discover = hint;
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
        let mut problems = self.catalog.take_problems();
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
    /// The items, and what is wrong with them.
    pub(super) fn into_items(self) -> (Catalog, Vec<String>) {
        (self.catalog, self.problems)
    }
}

/// Dispatch as the innermost service of the layers around all requests.
struct Dispatch(Arc<Core>);

impl Handle for Dispatch {
    fn handle(&self, request: Request) -> BoxFuture<'static, Response> {
        Box::pin(dispatch::dispatch(&self.0, request))
    }
}

impl<S> fmt::Debug for ServerBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
