//! The span around a request.

use super::Outcome;
use crate::{protocol::Era, refusal::Refusal, request::Request};
use tracing::{Span, field};

/// The target of the framework's own spans and events.
pub(crate) const TARGET: &str = "mcp";
/// The name of the span around a request.
pub(crate) const NAME: &str = "mcp.request";

/// What a request is about, in the catalog's words.
pub(crate) struct Subject<'a> {
    /// Whether the server knows the method.
    known: bool,
    pub(crate) tool: Option<&'a str>,
    pub(crate) prompt: Option<&'a str>,
    pub(crate) resource: Option<&'a str>,
}

impl Subject<'_> {
    pub(crate) fn new(known: bool) -> Self {
        Self {
            known,
            tool: None,
            prompt: None,
            resource: None,
        }
    }

    /// A span; one that costs nothing when no subscriber is interested.
    pub(crate) fn span(&self, request: &Request) -> Span {
        // The trace context is parsed for a subscriber only.
        if !tracing::span_enabled!(target: TARGET, tracing::Level::INFO, NAME) {
            return Span::none();
        }
        #[cfg(feature = "tracing-client-logs")]
        let _offered = crate::client_logs::offer(request);
        self.enabled_span(request)
    }

    /// The method. What is not served may be any text at all.
    pub(crate) fn method<'a>(&self, request: &'a Request) -> &'a str {
        if self.known {
            request.method()
        } else {
            "_OTHER"
        }
    }

    /// The name of the tool, prompt or resource.
    pub(crate) fn item(&self) -> Option<&str> {
        self.tool.or(self.prompt).or(self.resource)
    }

    fn enabled_span(&self, request: &Request) -> Span {
        let facts = request.facts();
        let parent = facts.trace().parent();
        let method = self.method(request);
        tracing::info_span!(
            target: TARGET,
            NAME,
            method,
            tool = self.tool,
            prompt = self.prompt,
            resource = self.resource,
            era = match facts.revision.era() {
                Era::Legacy => "legacy",
                Era::Modern => "modern",
            },
            revision = facts.revision.as_str(),
            trace_id = parent.map(|parent| field::display(parent.trace_id_hex())),
            parent_id = parent.map(|parent| field::display(parent.parent_id_hex())),
            outcome = field::Empty,
            code = field::Empty,
        )
    }
}

/// Says what became of a request.
pub(super) fn record(span: &Span, outcome: Outcome, refusal: Option<&Refusal>) {
    if span.is_disabled() {
        return;
    }
    if let Some(refusal) = refusal {
        span.record("code", refusal.error().code.0);
    }
    span.record("outcome", outcome.as_str());
}
