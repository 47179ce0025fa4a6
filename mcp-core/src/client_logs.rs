//! The events of a handler, told to its client.

use crate::{
    call::span,
    peer::Peer,
    protocol::{LogLevel, LogMessage, Notification, RawJson},
    request::Request,
};
use serde_json::{Map, Value};
use std::{
    cell::RefCell,
    fmt,
    sync::{Arc, Weak},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    layer::{Context, Layer},
    registry::LookupSpan,
};

/// A `tracing` layer that sends the events of a handler to the client that called it, as
/// `notifications/message`.
///
/// An event is sent when it happens inside the [span](crate#tracing) of a request, its target is
/// one of those that were named here, and the client wants messages of its level. It goes to that
/// call's client and to no other; tasks take part when they are instrumented with the span. It is
/// never waited for: with a full queue, an event is dropped.
///
/// A client sees every field of such an event. So targets are named one by one, and libraries,
/// whose events may hold anything, stay out unless they are named as well. The framework's own
/// events, which tell the operator what clients must not know, are never sent.
///
/// Nothing is sent when the subscriber, or a filter on this layer, disables the request's span
/// (target `mcp`, level `INFO`).
///
/// ```
/// use mcp_core::ClientLogs;
/// use tracing_subscriber::{Registry, layer::SubscriberExt};
///
/// let subscriber = Registry::default().with(ClientLogs::of("bookshop").and_of("bookshop_db"));
/// tracing::subscriber::with_default(subscriber, || { /* … */ });
/// ```
#[derive(Clone, Debug)]
pub struct ClientLogs {
    targets: Vec<String>,
}

impl ClientLogs {
    /// Sends the events of a target and of the modules below it: usually the name of a crate.
    pub fn of(target: impl Into<String>) -> Self {
        Self {
            targets: vec![target.into()],
        }
    }

    /// Sends the events of another target, too.
    #[must_use]
    pub fn and_of(mut self, target: impl Into<String>) -> Self {
        self.targets.push(target.into());
        self
    }

    fn sends(&self, target: &str) -> bool {
        let below = |module: &str| {
            let rest = target.strip_prefix(module);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        target != span::TARGET && self.targets.iter().any(|module| below(module))
    }
}

/// The client of one call, kept with the call's span.
#[derive(Clone)]
struct Listener {
    /// A span may outlive its call, in a task; the call must not live longer for that.
    peer: Weak<dyn Peer>,
    lowest: LogLevel,
}

thread_local! {
    /// The listener of the span that is being made on this thread.
    static OFFERED: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Ends an offer.
#[derive(Debug)]
pub(crate) struct Offer(());

/// Offers the client of a request to the layers that see the next span on this thread.
pub(crate) fn offer(request: &Request) -> Offer {
    let listener = request.facts().log_level.map(|lowest| Listener {
        peer: Arc::downgrade(request.peer()),
        lowest,
    });
    OFFERED.set(listener);
    Offer(())
}

impl Drop for Offer {
    fn drop(&mut self) {
        OFFERED.set(None);
    }
}

impl<S> Layer<S> for ClientLogs
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: Context<'_, S>) {
        if !is_request(attributes.metadata()) {
            return;
        }
        // Copied: another such layer may want it as well.
        let listener = OFFERED.with_borrow(Option::clone);
        if let (Some(listener), Some(span)) = (listener, cx.span(id)) {
            span.extensions_mut().replace(listener);
        }
    }

    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let metadata = event.metadata();
        if !self.sends(metadata.target()) {
            return;
        }
        // The innermost request: a server may call another one in the same process.
        let request = cx
            .event_scope(event)
            .and_then(|mut scope| scope.find(|span| is_request(span.metadata())));
        let listener = request.and_then(|span| span.extensions().get::<Listener>().cloned());
        let level = level(*metadata.level());
        let Some(listener) = listener.filter(|listener| level >= listener.lowest) else {
            return;
        };
        if let (Some(peer), Some(message)) = (listener.peer.upgrade(), message(event, level)) {
            // Without room it is dropped: a handler does not wait for its logs.
            let _ = peer.try_emit(message);
        }
    }
}

fn is_request(metadata: &Metadata<'_>) -> bool {
    metadata.name() == span::NAME && metadata.target() == span::TARGET
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warning,
        Level::INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// An event with nothing but a message is a string, any other an object of its fields.
fn message(event: &Event<'_>, level: LogLevel) -> Option<Notification> {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let data = match fields.0.remove("message") {
        Some(message) if fields.0.is_empty() => message,
        Some(message) => {
            fields.0.insert("message".to_owned(), message);
            Value::Object(fields.0)
        }
        None => Value::Object(fields.0),
    };
    let mut message = LogMessage::new(level, RawJson::from_serialize(&data).ok()?);
    message.logger = Some(event.metadata().target().into());
    Notification::new("notifications/message", &message).ok()
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }
}
