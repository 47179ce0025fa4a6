//! The span around a request.

use crate::{
    protocol::Era,
    request::Request,
    response::{Payload, Response},
};
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

    fn enabled_span(&self, request: &Request) -> Span {
        let facts = request.facts();
        let parent = facts.trace().parent();
        // What is not served may be any text at all.
        let method = if self.known {
            request.method()
        } else {
            "_OTHER"
        };
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

/// What became of a request.
pub(super) enum Outcome<'a> {
    Answered(&'a Response),
    TimedOut,
    /// The handler was dropped.
    Cancelled,
}

impl Outcome<'_> {
    pub(super) fn record(self, span: &Span) {
        if span.is_disabled() {
            return;
        }
        let outcome = match self {
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Answered(response) => match response.outcome() {
                Ok(Payload::Tool(result)) if result.is_error => "tool_error",
                Ok(Payload::InputRequired(_)) => "input_required",
                Ok(_) => "ok",
                Err(refusal) => {
                    span.record("code", refusal.error().code.0);
                    "error"
                }
            },
        };
        span.record("outcome", outcome);
    }
}
