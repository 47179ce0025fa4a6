//! What a handler knows of its call, and how it speaks to the client while it runs.

mod progress;
mod step;

pub use progress::ProgressUpdate;
pub use step::{IdempotencyKey, StepError};

use crate::{
    peer::Peer,
    principal::Principal,
    protocol::{LogLevel, LogMessage, Notification, RawJson},
    request::{Client, Facts, HttpHead, Request},
    server::ServerHandle,
};
use http::Extensions;
use serde::Serialize;
use std::{
    fmt,
    sync::{Arc, OnceLock, atomic::AtomicU64},
};

/// The context of one call. An extractor; cheap to clone and to move to a task.
///
/// ```
/// use mcp_core::{Context, mcp_tool};
///
/// #[mcp_tool]
/// async fn index(books: Vec<String>, cx: Context) -> String {
///     for (done, book) in books.iter().enumerate() {
///         cx.progress(done as f64).total(books.len() as f64).message(book).await;
///     }
///     format!("{} books for {:?}", books.len(), cx.principal())
/// }
/// ```
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    request: Request,
    /// The bits of the last progress value that was sent.
    progress: AtomicU64,
    /// Names the call in idempotency keys, once a step asks for it.
    chain: OnceLock<Option<[u8; 16]>>,
}

impl Context {
    /// The context of a request.
    pub fn new(request: Request) -> Self {
        Self(Arc::new(Inner {
            request,
            progress: AtomicU64::new(f64::NEG_INFINITY.to_bits()),
            chain: OnceLock::new(),
        }))
    }

    /// The facts of the call: message, revision, principal, client.
    pub fn facts(&self) -> &Facts {
        self.0.request.facts()
    }

    /// Who calls.
    pub fn principal(&self) -> &Principal {
        &self.facts().principal
    }

    /// What the client says of itself. Unverified.
    pub fn client(&self) -> &Client {
        &self.facts().client
    }

    /// What outer layers have put beside the HTTP request.
    pub fn extensions(&self) -> &Extensions {
        self.0.request.extensions()
    }

    /// The head of the HTTP request, where there is HTTP.
    pub fn http(&self) -> Option<&HttpHead> {
        self.0.request.http()
    }

    /// Tells how far the call is. Await the update to send it.
    ///
    /// Nothing is sent when the client did not ask for progress, or when `progress` is not more
    /// than what was sent before.
    pub fn progress(&self, progress: f64) -> ProgressUpdate<'_> {
        ProgressUpdate::new(self, progress)
    }

    /// Sends a log message to the client, when it wants messages of that level.
    ///
    /// `data` is any serializable value; one that fails to serialize is not sent. Do not log
    /// secrets: the client sees them.
    pub async fn log<T: Serialize + ?Sized>(&self, level: LogLevel, data: &T) {
        if self.facts().log_level.is_none_or(|lowest| level < lowest) {
            return;
        }
        let Ok(data) = RawJson::from_serialize(data) else {
            return;
        };
        self.emit("notifications/message", &LogMessage::new(level, data))
            .await;
    }

    /// Completes when the call is cancelled. A handler need not watch it: a cancelled handler is
    /// dropped. Tasks that it spawned may want to.
    ///
    /// Cancel safe.
    pub async fn cancelled(&self) {
        self.peer().cancelled().await;
    }

    /// Whether the call has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.peer().is_cancelled()
    }

    pub(crate) fn server(&self) -> ServerHandle {
        self.0.request.server().clone()
    }

    pub(crate) fn peer(&self) -> &dyn Peer {
        &**self.0.request.peer()
    }

    async fn emit<T: Serialize>(&self, method: &'static str, params: &T) {
        if let Ok(notification) = Notification::new(method, params) {
            self.peer().emit(notification).await;
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Context").field(self.facts()).finish()
    }
}
