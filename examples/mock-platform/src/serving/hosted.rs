//! One server of the platform: its design, its calls and, while it is published, what answers.

use super::{items, tools};
use crate::{
    access::AccessRules,
    calls::{CallLog, Followers},
    design::{DesignFault, DesignFaults, ServerDesign, Status},
    engine::{Counters, Fill, Random},
    platform::TestReport,
};
use mcp_tower::{BuildError, Server};
use serde_json::Value;
use std::sync::Arc;

/// A server of the platform, as it was at one time. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Hosted(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Arc<ServerState>,
    live: Option<Live>,
}

/// What answers for a published server.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) server: Server,
    /// The name of its mount: its id.
    pub(crate) mount: Arc<str>,
    /// Who may call it. They stay the same, and with them their tokens, until the design says
    /// something else.
    pub(crate) access: AccessRules,
}

/// A server that is checked, and served once that has been stored.
pub(crate) struct Prepared {
    state: Arc<ServerState>,
    /// What the server does that is there, and goes on.
    before: Option<Live>,
    /// A server of its own, for a design that is published, and who may call it.
    fresh: Option<(Server, AccessRules)>,
}

/// What the items of a server share.
#[derive(Debug)]
pub(crate) struct ServerState {
    pub(crate) design: Arc<ServerDesign>,
    pub(crate) calls: Arc<CallLog>,
    /// These go on from one version of a design to the next.
    pub(crate) counters: Arc<Counters>,
    /// Begins anew with another seed.
    pub(crate) random: Arc<Random>,
}

impl ServerState {
    fn first(design: &Arc<ServerDesign>, followers: &Followers) -> Self {
        Self {
            design: design.clone(),
            calls: Arc::new(CallLog::new(design.id.clone(), followers.clone())),
            counters: Arc::default(),
            random: Arc::new(Random::new(design.seed)),
        }
    }

    /// The state of another version of the same server.
    fn with(&self, design: &Arc<ServerDesign>) -> Self {
        let random = match self.design.seed == design.seed {
            true => self.random.clone(),
            false => Arc::new(Random::new(design.seed)),
        };
        Self {
            design: design.clone(),
            calls: self.calls.clone(),
            counters: self.counters.clone(),
            random,
        }
    }

    /// What placeholders stand for in a call.
    pub(crate) fn fill<'a>(&'a self, arguments: &'a Value) -> Fill<'a> {
        Fill::new(arguments, &self.counters, &self.random)
    }
}

impl Hosted {
    /// Checks whether a design can be served, in the place of an older one perhaps.
    pub(crate) fn prepare(
        before: Option<&Self>,
        design: &Arc<ServerDesign>,
        followers: &Followers,
    ) -> Result<Prepared, DesignFaults> {
        let state = Arc::new(match before {
            Some(before) => before.0.state.with(design),
            None => ServerState::first(design, followers),
        });
        let is_published = design.status == Status::Published;
        let fresh = match is_published {
            true => {
                let server = items::builder(&state).try_build().map_err(unbuildable)?;
                Some((server, access(before, design)?))
            }
            false => None,
        };
        Ok(Prepared {
            state,
            fresh,
            before: before
                .filter(|before| is_published && is_told_the_same(before.design(), design))
                .and_then(|before| before.0.live.clone()),
        })
    }

    pub(crate) fn design(&self) -> &Arc<ServerDesign> {
        &self.0.state.design
    }

    pub(crate) fn calls(&self) -> &Arc<CallLog> {
        &self.0.state.calls
    }

    pub(crate) fn live(&self) -> Option<&Live> {
        self.0.live.as_ref()
    }

    /// What a tool would answer; nothing, if there is no such tool.
    pub(crate) fn test(&self, tool: &str, arguments: &Value) -> Option<TestReport> {
        let state = &self.0.state;
        let mut tools = state.design.tools.iter();
        let tool = tools.find(|known| known.name == tool)?;
        let trying = ServerState {
            counters: Arc::new(Counters::clone(&state.counters)),
            random: Arc::new(Random::clone(&state.random)),
            ..ServerState::with(state, &state.design)
        };
        Some(tools::test(&trying, tool, arguments))
    }

    /// Sequences, the counter and randomness begin anew.
    pub(crate) fn reset(&self) {
        let state = &self.0.state;
        state.counters.reset();
        state.random.reset(state.design.seed);
    }

    /// Ends what clients listen to.
    pub(crate) fn close(&self) {
        if let Some(live) = self.live() {
            live.server.close_listeners();
        }
    }

    /// Ends what clients listen to, unless the same server is still served to the same callers.
    pub(crate) fn close_unless_in(&self, after: Option<&Self>) {
        // Its calls are told of as long as it is there, served or not.
        if !after.is_some_and(|after| Arc::ptr_eq(after.calls(), self.calls())) {
            self.calls().end();
        }
        let goes_on = |live: &Live| {
            let after = after.and_then(Self::live);
            after.is_some_and(|after| {
                after.server.handle().is(&live.server) && after.access.are(&live.access)
            })
        };
        if let Some(live) = self.live().filter(|live| !goes_on(live)) {
            // They are to look again: there may be another server under this id.
            live.server.tools_changed();
            live.server.prompts_changed();
            live.server.resources_changed();
            live.server.close_listeners();
        }
    }
}

impl Prepared {
    /// Serves it: from here on requests see the new version.
    ///
    /// A server that is there, looks the same from outside and is open to the same callers is changed
    /// in place, so that those who listen hear what has changed; calls that run see the items that
    /// they began with. What a client is told once, by a handshake, cannot change, and who listens was
    /// let in once: then a new server takes its place, and whoever listens to the old one is told to
    /// come back. So it is with one that cannot be changed in place after all.
    pub(crate) fn serve(self) -> Hosted {
        let live = self.fresh.map(|(server, access)| {
            let changed = self.before.filter(|live| {
                let update = live.server.update(|catalog| {
                    catalog.clear_tools().clear_prompts().clear_resources();
                    catalog.merge(items::builder(&self.state));
                });
                let id = &self.state.design.id;
                let failed = |error| tracing::warn!(%error, id, "a new server takes the place");
                update.map_err(failed).is_ok()
            });
            changed.unwrap_or_else(|| Live {
                server,
                mount: Arc::from(self.state.design.id.as_str()),
                access,
            })
        });
        Hosted(Arc::new(Inner {
            state: self.state,
            live,
        }))
    }
}

/// Whether neither what clients are told once nor who may be a client has changed.
fn is_told_the_same(one: &ServerDesign, other: &ServerDesign) -> bool {
    one.auth == other.auth && items::look_the_same(one, other)
}

/// Those that are there, if the design still says the same.
fn access(before: Option<&Hosted>, design: &ServerDesign) -> Result<AccessRules, DesignFaults> {
    let before = before.filter(|before| before.design().auth == design.auth);
    match before.and_then(Hosted::live) {
        Some(live) => Ok(live.access.clone()),
        None => AccessRules::new(design),
    }
}

/// What the design let through and the framework does not.
fn unbuildable(error: BuildError) -> DesignFaults {
    let problems = error.problems().iter();
    DesignFaults(
        problems
            .map(|problem| DesignFault {
                path: String::new(),
                reason: problem.clone(),
            })
            .collect(),
    )
}
