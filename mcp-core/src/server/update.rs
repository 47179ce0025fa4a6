//! Changing a catalog at run time.

use super::{BuildError, Catalog, Core, Entry, Item, Server, ServerBuilder, Settings, Viewer};
use crate::{
    context::Context,
    drain::Underway,
    error::RequestError,
    extract::FromContext,
    hub::{Change, ChangeNotice, Interest, Listener},
    principal::{Mount, Principal},
    refusal::Refusal,
    request::Client,
    session::SessionState,
};
use http::Extensions;
use std::{
    fmt,
    sync::{Arc, PoisonError, Weak},
};

/// A catalog that is being changed: see [`Server::update`].
///
/// It starts as what the server offers now. Order is order of addition; what is replaced keeps its
/// place.
#[derive(Debug)]
pub struct CatalogUpdate {
    catalog: Catalog,
    problems: Vec<String>,
}

impl CatalogUpdate {
    /// Adds an entry. Its name or URI must be free.
    pub fn add<D: Item>(&mut self, entry: Entry<D>) -> &mut Self {
        self.catalog.add(entry);
        self
    }

    /// Puts an entry in the place of the one with the same name or URI, or at the end.
    pub fn replace<D: Item>(&mut self, entry: Entry<D>) -> &mut Self {
        self.catalog.replace(entry);
        self
    }

    /// Adds everything that a builder holds: the way to add annotated functions, with their state.
    ///
    /// Of the builder only the items are taken.
    pub fn merge<S>(&mut self, other: ServerBuilder<S>) -> &mut Self {
        let (catalog, problems, filters) = other.into_items();
        self.problems.extend(problems);
        self.catalog.absorb(catalog, &filters, None);
        self
    }

    /// Removes a tool; tells whether there was one.
    pub fn remove_tool(&mut self, name: &str) -> bool {
        self.catalog.tools.remove(name).is_some()
    }

    /// Removes a prompt; tells whether there was one.
    pub fn remove_prompt(&mut self, name: &str) -> bool {
        self.catalog.prompts.remove(name).is_some()
    }

    /// Removes a resource by its URI, or a template by its text; tells whether there was one.
    pub fn remove_resource(&mut self, uri: &str) -> bool {
        self.catalog.remove_resource(uri)
    }

    /// Removes all tools.
    pub fn clear_tools(&mut self) -> &mut Self {
        self.catalog.tools.clear();
        self
    }

    /// Removes all prompts.
    pub fn clear_prompts(&mut self) -> &mut Self {
        self.catalog.prompts.clear();
        self
    }

    /// Removes all resources and templates.
    pub fn clear_resources(&mut self) -> &mut Self {
        self.catalog.clear_resources();
        self
    }

    fn finish(mut self, settings: &Settings) -> Result<Catalog, BuildError> {
        let mut problems = self.catalog.finish(settings);
        problems.append(&mut self.problems);
        BuildError::check(problems)?;
        Ok(self.catalog)
    }
}

impl Core {
    /// Swaps the catalog and tells which lists changed.
    fn update(&self, change: impl FnOnce(&mut CatalogUpdate)) -> Result<(), BuildError> {
        // A closure that panicked has left the catalog as it was.
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.catalog.load_full();
        let mut update = CatalogUpdate {
            catalog: before.edition(),
            problems: Vec::new(),
        };
        change(&mut update);
        let after = Arc::new(update.finish(&self.settings)?);
        self.catalog.store(after.clone());
        if !after.tools.lists_the_same(&before.tools) {
            self.hub.publish(Change::Tools);
        }
        if !after.prompts.lists_the_same(&before.prompts) {
            self.hub.publish(Change::Prompts);
        }
        if !after.resources.lists_the_same(&before.resources)
            || !after.templates.lists_the_same(&before.templates)
        {
            self.hub.publish(Change::Resources);
        }
        Ok(())
    }
}

impl Server {
    /// Changes what the server offers, while it runs.
    ///
    /// Every request sees either the catalog before or the one after, whole. Clients that listen
    /// are told which lists changed. Updates wait for each other: the closure must not start
    /// another one of the same server.
    ///
    /// ```
    /// use mcp_core::{Server, mcp_tool};
    ///
    /// #[mcp_tool]
    /// async fn old() {}
    ///
    /// #[mcp_tool]
    /// async fn new() {}
    ///
    /// let server = Server::builder("changing", "1.0").tool(old).build();
    /// server.update(|catalog| {
    ///     catalog.remove_tool("old");
    ///     catalog.merge(Server::builder("", "").tool(new));
    /// })?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with the new catalog; the old one stays.
    pub fn update(&self, change: impl FnOnce(&mut CatalogUpdate)) -> Result<(), BuildError> {
        self.core.update(change)
    }

    /// Tells everybody who is subscribed to a resource that it changed.
    pub fn resource_updated(&self, uri: &str) {
        self.core.hub.publish(Change::Resource(&uri.into()));
    }

    /// Tells everybody who listens that the list of tools changed, for a reason other than
    /// [`update`](Self::update).
    pub fn tools_changed(&self) {
        self.core.hub.publish(Change::Tools);
    }

    /// The same for the list of prompts.
    pub fn prompts_changed(&self) {
        self.core.hub.publish(Change::Prompts);
    }

    /// The same for the lists of resources and templates.
    pub fn resources_changed(&self) {
        self.core.hub.publish(Change::Resources);
    }

    /// Passes every change of this server on, to replicas say: calls `relay` with each, from
    /// wherever the change is made. It must not block, and it stays for good.
    pub fn relay_changes(&self, relay: impl Fn(ChangeNotice) + Send + Sync + 'static) {
        self.core.hub.relay(Arc::new(relay));
    }

    /// Says who listens in a session: what they may not see, or not any more, they are not told. A
    /// transport says so whenever a client comes (back) to the stream of its session; scopes are
    /// those in the extensions.
    pub fn admit(
        &self,
        session: &SessionState,
        principal: &Principal,
        mount: &Mount,
        client: &Client,
        extensions: &Extensions,
    ) {
        let viewer = Viewer::listening(&self.core, principal, mount, client, extensions);
        session.set_viewer(Arc::new(viewer));
    }

    /// Registers the stream of a session that is told of every list and of the resources that the
    /// session is subscribed to at the time.
    ///
    /// # Errors
    /// When the server has as many listeners as it may have, or is shutting down.
    pub fn listen(&self, session: Arc<SessionState>) -> Result<Listener, Refusal> {
        self.core.hub.listen(Interest::Session(session))
    }

    /// Ends everything that listens, which is a part of [`shutdown`](Self::shutdown): each `subscriptions/listen`
    /// gets its result, and streams of sessions end. Later ones are refused.
    pub fn close_listeners(&self) {
        self.core.hub.close();
    }

    /// A handle that does not keep the server alive.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle(Arc::downgrade(&self.core))
    }
}

/// A server as its own handlers may hold it: a reference that does not keep it alive.
///
/// An extractor; also for state and for tasks. Once the server is gone it does nothing.
///
/// ```
/// use mcp_core::{Server, ServerHandle, ToolError, mcp_tool};
///
/// #[mcp_tool]
/// async fn save(id: u64, server: ServerHandle) {
///     server.resource_updated(&format!("notes://{id}"));
/// }
///
/// /// Remove the other tool.
/// #[mcp_tool]
/// async fn lock(server: ServerHandle) -> Result<(), ToolError> {
///     Ok(server.update(|catalog| {
///         catalog.remove_tool("save");
///     })?)
/// }
///
/// Server::builder("notes", "1.0").tool(save).tool(lock).build();
/// ```
#[derive(Clone, Default)]
pub struct ServerHandle(Weak<Core>);

impl ServerHandle {
    pub(crate) fn new(core: &Weak<Core>) -> Self {
        Self(core.clone())
    }

    /// Work that goes on without its call; none when nobody can ask for its end any more.
    pub(crate) fn carry_on(&self) -> Option<Underway> {
        self.0.upgrade().map(|core| core.drain.carry_on())
    }

    /// See [`Server::update`].
    ///
    /// # Errors
    /// Everything that is wrong with the new catalog; the old one stays.
    pub fn update(&self, change: impl FnOnce(&mut CatalogUpdate)) -> Result<(), BuildError> {
        self.0.upgrade().map_or(Ok(()), |core| core.update(change))
    }

    /// See [`Server::resource_updated`].
    pub fn resource_updated(&self, uri: &str) {
        self.publish(Change::Resource(&uri.into()));
    }

    /// See [`Server::tools_changed`].
    pub fn tools_changed(&self) {
        self.publish(Change::Tools);
    }

    /// See [`Server::prompts_changed`].
    pub fn prompts_changed(&self) {
        self.publish(Change::Prompts);
    }

    /// See [`Server::resources_changed`].
    pub fn resources_changed(&self) {
        self.publish(Change::Resources);
    }

    /// Tells those who listen in this process of a change on another replica. Not passed on.
    pub fn changed_elsewhere(&self, notice: &ChangeNotice) {
        if let Some(core) = self.0.upgrade() {
            core.hub.publish_here(notice.change());
        }
    }

    /// Tells those who listen in this process that anything may have changed on other replicas.
    pub fn all_changed_elsewhere(&self) {
        if let Some(core) = self.0.upgrade() {
            core.hub.mark_all();
        }
    }

    /// Whether it is a handle of this server.
    pub fn is(&self, server: &Server) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(&server.core))
    }

    fn publish(&self, change: Change<'_>) {
        if let Some(core) = self.0.upgrade() {
            core.hub.publish(change);
        }
    }
}

impl<S: Sync> FromContext<S> for ServerHandle {
    async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
        Ok(cx.server())
    }
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerHandle")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::{RequestError, ToolError},
        protocol::{ReadResult, ResourceItem, Tool, ToolResult},
    };

    fn tool(name: &'static str, description: &'static str) -> Entry<Tool> {
        Entry::tool(
            Tool::new(name).with_description(description),
            |_, _| async { Ok::<_, ToolError>(ToolResult::text("")) },
        )
    }

    fn resource(uri: &'static str) -> Entry<ResourceItem> {
        Entry::resource(ResourceItem::new(uri, "item"), |_, _, _| async {
            Ok::<_, RequestError>(ReadResult::default())
        })
    }

    fn server() -> Server {
        Server::builder("t", "1")
            .entry(tool("a", "1"))
            .entry(tool("b", "1"))
            .entry(resource("x://{one}"))
            .entry(resource("y://{two}"))
            .build()
    }

    /// What is told of an update.
    async fn told(server: &Server, change: impl FnOnce(&mut CatalogUpdate)) -> Vec<String> {
        let mut listener = server.listen(Arc::default()).unwrap();
        server.update(change).unwrap();
        listener.handle().close();
        let mut told = Vec::new();
        while let Some(next) = listener.next().await {
            told.push(next.method.into_owned());
        }
        told
    }

    #[tokio::test]
    async fn what_is_replaced_keeps_its_place() {
        let server = server();
        let replace = |catalog: &mut CatalogUpdate| {
            catalog.replace(tool("a", "2")).replace(tool("c", "1"));
        };
        let announced = told(&server, replace).await;
        assert_eq!(announced, ["notifications/tools/list_changed"]);
        let catalog = server.core.catalog.load();
        let tools = catalog.tools.iter().map(|tool| &tool.definition);
        let tools: Vec<_> = tools
            .map(|tool| (&*tool.name, tool.description.as_deref()))
            .collect();
        assert_eq!(
            tools,
            [("a", Some("2")), ("b", Some("1")), ("c", Some("1"))]
        );
    }

    #[tokio::test]
    async fn a_list_that_looks_the_same_is_not_announced() {
        let server = server();
        let replace = |catalog: &mut CatalogUpdate| {
            catalog.replace(tool("a", "1"));
        };
        assert!(told(&server, replace).await.is_empty());
    }

    #[tokio::test]
    async fn templates_match_after_others_have_gone() {
        let server = server();
        let remove = |catalog: &mut CatalogUpdate| {
            assert!(catalog.remove_resource("x://{one}"));
            catalog.add(resource("z:1"));
        };
        let announced = told(&server, remove).await;
        assert_eq!(announced, ["notifications/resources/list_changed"]);
        let catalog = server.core.catalog.load();
        assert!(catalog.resource("x://1", |_| true).is_none());
        let (entry, _) = catalog.resource("y://1", |_| true).unwrap();
        assert_eq!(entry.definition.uri, "y://{two}");
        assert!(catalog.resource("z:1", |_| true).is_some());
    }

    #[test]
    fn a_handle_does_not_keep_its_server() {
        let server = server();
        let handle = server.handle();
        let core = Arc::downgrade(&server.core);
        drop(server);
        assert!(core.upgrade().is_none());
        handle.tools_changed();
        handle
            .update(|_| panic!("there is nothing to change"))
            .unwrap();
    }
}
