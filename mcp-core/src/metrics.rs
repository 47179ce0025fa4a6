//! Audit events as metrics.

use crate::{audit::AuditEvent, protocol::Era};
use metrics::{Label, counter, histogram};

/// An [audit](crate::ServerBuilder::audit) hook that counts requests and measures how long they
/// take, through the [`metrics`] facade.
///
/// | Metric | Kind | Unit |
/// |---|---|---|
/// | `mcp_requests_total` | counter | requests |
/// | `mcp_request_duration_seconds` | histogram | seconds |
///
/// Both have the same labels, and none holds what a client sent: `method` (`_OTHER` when it is not
/// served), `item` (the name of the tool, prompt or resource in the catalog, or empty), `era`
/// (`legacy` or `modern`) and `outcome` ([`Outcome::as_str`](crate::call::Outcome::as_str)).
///
/// ```
/// use mcp_core::{Server, record_metrics};
///
/// let server = Server::builder("measured", "1.0").audit(record_metrics).build();
/// ```
pub fn record_metrics(event: &AuditEvent<'_>) {
    let labels = vec![
        Label::new("method", event.method.to_owned()),
        Label::new("item", event.item.unwrap_or_default().to_owned()),
        Label::from_static_parts(
            "era",
            match event.revision.era() {
                Era::Legacy => "legacy",
                Era::Modern => "modern",
            },
        ),
        Label::from_static_parts("outcome", event.outcome.as_str()),
    ];
    counter!("mcp_requests_total", labels.clone()).increment(1);
    histogram!("mcp_request_duration_seconds", labels).record(event.duration);
}
