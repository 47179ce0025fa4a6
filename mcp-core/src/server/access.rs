//! Who may see an item, and who may use it.

use super::{Core, Entry, Item};
use crate::{
    principal::{Mount, Principal},
    protocol::{Prompt, ResourceItem, Tool},
    refusal::Refusal,
    request::{Client, Request},
    scopes::Scopes,
};
use http::Extensions;
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
};

/// Whether lists show operations whose scopes the caller does not hold.
///
/// Calling one is refused with the same challenge either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopePolicy {
    /// They are listed, so that a client can find them and ask for more scopes.
    #[default]
    Show,
    /// They are left out, and lists that hold any are `private`.
    Hide,
}

/// Who makes a request, for those who decide what they see.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    principal: &'a Principal,
    mount: &'a Mount,
    scopes: &'a Scopes,
    client: &'a Client,
    extensions: &'a Extensions,
}

impl<'a> Caller<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let facts = request.facts();
        Self {
            principal: &facts.principal,
            mount: &facts.mount,
            scopes: &facts.scopes,
            client: &facts.client,
            extensions: request.extensions(),
        }
    }

    /// Who calls.
    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// Through which mount.
    pub fn mount(&self) -> &'a Mount {
        self.mount
    }

    /// What the caller was granted.
    pub fn scopes(&self) -> &'a Scopes {
        self.scopes
    }

    /// What the client says of itself. Unverified.
    pub fn client(&self) -> &'a Client {
        self.client
    }

    /// A value that an outer layer has put into `http::Extensions`.
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&'a T> {
        self.extensions.get()
    }
}

/// The definition of an item, of whichever kind.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Offered<'a> {
    /// A tool.
    Tool(&'a Tool),
    /// A prompt.
    Prompt(&'a Prompt),
    /// A resource or a template.
    Resource(&'a ResourceItem),
}

impl<'a> Offered<'a> {
    /// The name of a tool, prompt or resource.
    pub fn name(&self) -> &'a str {
        match self {
            Self::Tool(tool) => &tool.name,
            Self::Prompt(prompt) => &prompt.name,
            Self::Resource(resource) => &resource.about.name,
        }
    }
}

/// A user's predicate.
#[derive(Clone)]
pub(super) struct Visible(Arc<Predicate>);

type Predicate = dyn Fn(Offered<'_>, &Caller<'_>) -> bool + Send + Sync;

impl Visible {
    pub(super) fn new(
        predicate: impl Fn(Offered<'_>, &Caller<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(predicate))
    }

    /// A predicate that panics hides the item.
    pub(super) fn allows(&self, item: Offered<'_>, caller: &Caller<'_>) -> bool {
        let allowed = catch_unwind(AssertUnwindSafe(|| (self.0)(item, caller)));
        allowed.unwrap_or_else(|_| {
            tracing::error!(target: "mcp", name = item.name(), "a visibility predicate panicked");
            false
        })
    }
}

impl fmt::Debug for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visible")
    }
}

/// What one caller may see of a catalog.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access<'a> {
    pub(super) filters: &'a [Visible],
    pub(super) policy: ScopePolicy,
    pub(super) caller: Caller<'a>,
}

impl Access<'_> {
    /// Whether the item exists, as far as the caller can tell.
    pub(super) fn sees<D: Item>(&self, entry: &Entry<D>) -> bool {
        let item = || entry.definition.offered();
        let mut filters = self.filters.iter();
        filters.all(|filter| filter.allows(item(), &self.caller)) && entry.admits(&self.caller)
    }

    /// Whether a list of the caller's holds the item.
    pub(super) fn lists<D: Item>(&self, entry: &Entry<D>) -> bool {
        let shown = self.policy == ScopePolicy::Show
            || self.caller.scopes.contains_all(entry.options.needed());
        shown && !entry.options.is_unlisted() && self.sees(entry)
    }

    /// Whether other callers may see the item differently.
    pub(super) fn varies<D: Item>(&self, entry: &Entry<D>) -> bool {
        let by_scope = self.policy == ScopePolicy::Hide && !entry.options.needed().is_empty();
        by_scope || !self.filters.is_empty() || entry.is_filtered()
    }

    /// Refuses callers who lack a scope that the operation needs, and names all that it needs.
    pub(super) fn check<D: Item>(&self, entry: &Entry<D>) -> Result<(), Refusal> {
        self.check_scopes(entry.options.needed())
    }

    pub(super) fn check_scopes(&self, needed: &Scopes) -> Result<(), Refusal> {
        if self.caller.scopes.contains_all(needed) {
            Ok(())
        } else {
            Err(Refusal::insufficient_scope(needed))
        }
    }
}

/// A caller whose request is over, or lasts as long as it listens: decides what they are told.
pub(crate) struct Viewer {
    server: Weak<Core>,
    principal: Principal,
    mount: Mount,
    scopes: Scopes,
    client: Client,
    extensions: Extensions,
}

impl Viewer {
    pub(super) fn new(core: &Core, request: &Request) -> Self {
        let facts = request.facts();
        Self {
            server: core.this.clone(),
            principal: facts.principal.clone(),
            mount: facts.mount.clone(),
            scopes: facts.scopes.clone(),
            client: facts.client.clone(),
            extensions: request.extensions().clone(),
        }
    }

    pub(super) fn listening(
        core: &Core,
        principal: &Principal,
        mount: &Mount,
        client: &Client,
        extensions: &Extensions,
    ) -> Self {
        Self {
            server: core.this.clone(),
            principal: principal.clone(),
            mount: mount.clone(),
            scopes: extensions.get().cloned().unwrap_or_default(),
            client: client.clone(),
            extensions: extensions.clone(),
        }
    }

    /// Whether changes of a resource may be told. What nobody offers is no secret.
    pub(crate) fn may_know(&self, uri: &str) -> bool {
        let Some(core) = self.server.upgrade() else {
            return false;
        };
        let access = core.access(Caller {
            principal: &self.principal,
            mount: &self.mount,
            scopes: &self.scopes,
            client: &self.client,
            extensions: &self.extensions,
        });
        let catalog = core.catalog.load();
        match catalog.resource(uri, |entry| access.sees(entry)) {
            Some((entry, _)) => access.check(entry).is_ok(),
            None => catalog.resource(uri, |_| true).is_none(),
        }
    }
}

#[cfg(test)]
impl super::Server {
    /// Whoever makes a request, for tests elsewhere.
    pub(crate) fn viewer(&self, request: &Request) -> Viewer {
        Viewer::new(&self.core, request)
    }
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Viewer")
            .field("principal", &self.principal)
            .finish_non_exhaustive()
    }
}
