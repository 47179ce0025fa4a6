//! What a builder sets apart from the items.

use super::{List, ScopePolicy, ServerBuilder};
use crate::{
    protocol::{CacheHint, Icon},
    round::OneShot,
    seal::KeyRing,
};
use std::{borrow::Cow, time::Duration};

impl<S: Send + Sync + 'static> ServerBuilder<S> {
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
    /// [`Server::update`](crate::Server::update) may add some. A kind that has had an item is offered for good.
    pub fn changing(mut self) -> Self {
        self.catalog.offer_all();
        self
    }

    /// Has the arguments and results of all tools checked against their schemas, of those also that
    /// are added [later](crate::Server::update). See [`SchemaChecks`](crate::SchemaChecks).
    #[cfg(feature = "json-schema")]
    #[cfg_attr(docsrs, doc(cfg(feature = "json-schema")))]
    pub fn check_schemas(mut self, checks: crate::SchemaChecks) -> Self {
        self.settings.schema_checks = Some(checks);
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

    /// Whether lists show operations whose scopes the caller does not hold; they do unless set.
    pub fn scope_policy(mut self, policy: ScopePolicy) -> Self {
        self.settings.scope_policy = policy;
        self
    }
}
