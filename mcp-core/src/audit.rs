//! One event for each request, for those who keep books.

use crate::{
    call::Outcome,
    principal::{Mount, Principal},
    protocol::Revision,
    request::Request,
};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// Who called what, where, for how long, and what became of it.
///
/// It never holds a value that a client sent: no arguments, URIs, results or error texts.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AuditEvent<'a> {
    /// Who called.
    pub principal: &'a Principal,
    /// Through which mount.
    pub mount: &'a Mount,
    /// The method; `_OTHER` when the server does not serve it.
    pub method: &'a str,
    /// The name of the tool, prompt or resource, as the catalog knows it. None of an item that is
    /// unknown to the caller, and of other methods.
    pub item: Option<&'a str>,
    /// The revision, and with it the era.
    pub revision: Revision,
    /// From the start, before all layers of the server, to the end.
    pub duration: Duration,
    /// What became of it.
    pub outcome: Outcome,
}

/// A user's hook.
#[derive(Clone)]
pub(crate) struct Hook(Arc<dyn Fn(&AuditEvent<'_>) + Send + Sync>);

impl Hook {
    pub(crate) fn new(hook: impl Fn(&AuditEvent<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// What is known of a request before it runs.
#[derive(Debug)]
pub(crate) struct Audit {
    hooks: Vec<Hook>,
    principal: Principal,
    mount: Mount,
    method: Box<str>,
    item: Option<Box<str>>,
    revision: Revision,
    started: Instant,
}

impl Audit {
    /// None when nobody wants to know: then a request pays nothing.
    pub(crate) fn begin(
        hooks: &[Hook],
        request: &Request,
        method: &str,
        item: Option<&str>,
    ) -> Option<Box<Self>> {
        let facts = request.facts();
        (!hooks.is_empty()).then(|| {
            Box::new(Self {
                hooks: hooks.to_vec(),
                principal: facts.principal.clone(),
                mount: facts.mount.clone(),
                method: method.into(),
                item: item.map(Into::into),
                revision: facts.revision,
                started: Instant::now(),
            })
        })
    }

    /// Tells every hook. One that panics does not keep the others, or the answer, from anybody.
    pub(crate) fn end(self, outcome: Outcome) {
        let event = AuditEvent {
            principal: &self.principal,
            mount: &self.mount,
            method: &self.method,
            item: self.item.as_deref(),
            revision: self.revision,
            duration: self.started.elapsed(),
            outcome,
        };
        for hook in &self.hooks {
            if catch_unwind(AssertUnwindSafe(|| (hook.0)(&event))).is_err() {
                tracing::error!(target: "mcp", "an audit hook panicked");
            }
        }
    }
}
