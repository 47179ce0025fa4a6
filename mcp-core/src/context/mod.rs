//! What a handler knows of its call, and how it speaks to the client while it runs.

mod finish;
mod pace;
mod progress;
mod step;

pub use progress::ProgressUpdate;
pub use step::{IdempotencyKey, StepError};

use finish::Finishing;
use pace::Pace;

use crate::{
    ask::AskError,
    peer::Peer,
    principal::Principal,
    protocol::{LogLevel, LogMessage, Notification, RawJson},
    request::{Client, Facts, HttpHead, Request, TraceContext},
    server::ServerHandle,
};
use http::Extensions;
use serde::Serialize;
use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
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
    pace: Mutex<Pace>,
    /// Names the call in idempotency keys, once a step asks for it.
    chain: OnceLock<Option<[u8; 16]>>,
    /// Keys of questions and names of steps that this run of the handler has used.
    claims: Mutex<Vec<Claim>>,
}

#[derive(PartialEq, Eq)]
struct Claim {
    kind: &'static str,
    key: String,
}

impl Context {
    /// The context of a request.
    pub fn new(request: Request) -> Self {
        Self(Arc::new(Inner {
            request,
            pace: Mutex::new(Pace::new()),
            chain: OnceLock::new(),
            claims: Mutex::default(),
        }))
    }

    /// The most questions, and the most steps, of one run of a handler.
    pub const MAX_CLAIMS: usize = 64;

    /// Each key names one thing in a run of the handler, in every era.
    pub(crate) fn claim(&self, kind: &'static str, key: &str) -> Result<(), AskError> {
        let mut claims = self.0.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let claim = Claim {
            kind,
            key: key.to_owned(),
        };
        if claims.contains(&claim) {
            let misuse = format!("the key `{key}` names two {kind}s");
            if let Some(rounds) = self.peer().rounds() {
                rounds.misused(misuse.clone());
            }
            return Err(AskError::misused(misuse));
        }
        if claims.iter().filter(|known| known.kind == kind).count() >= Self::MAX_CLAIMS {
            return Err(AskError::too_many());
        }
        claims.push(claim);
        Ok(())
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
    /// than what was told before. Updates that come too fast are joined: after a burst of ten at
    /// most twenty a second are sent, the newest value within a twentieth of a second, and one
    /// that reaches its total at once.
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

    /// The trace that the call is part of. See [`TraceContext`].
    pub fn trace(&self) -> TraceContext {
        self.facts().trace()
    }

    /// Does something that must not stop half way, once it has begun.
    ///
    /// When the handler is dropped meanwhile, because the client cancelled the call or went away,
    /// or because a time limit was reached, the work goes on as a task and its result is dropped.
    /// Work that has not begun by then never does. Nothing outlives the process.
    ///
    /// Ask the client before, not inside: where a question ends one round of the call, the work
    /// would wait for ever. And a handler that asks later begins the work again in each round,
    /// unless it is part of a [step](Self::step).
    ///
    /// ```
    /// use mcp_core::{Context, mcp_tool};
    /// # #[derive(Clone)] struct Account;
    /// # impl Account { async fn withdraw(&self, _: u32) {} async fn deposit(&self, _: u32) {} }
    /// # async fn quote() -> u32 { 1 }
    /// # async fn account() -> Account { Account }
    ///
    /// #[mcp_tool]
    /// async fn transfer(amount: u32, cx: Context) -> String {
    ///     let fee = quote().await; // may be cancelled here
    ///     let (from, to) = (account().await, account().await);
    ///     cx.finish(async move {
    ///         from.withdraw(amount + fee).await; // both, or neither
    ///         to.deposit(amount).await;
    ///     })
    ///     .await;
    ///     format!("sent {amount}")
    /// }
    /// ```
    ///
    /// # Panics
    /// Outside a tokio runtime, and when the work panics.
    pub async fn finish<F>(&self, work: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Finishing::new(work, self.0.request.clone()).await
    }

    /// Ends the connection that the client waits on, and not the call: the client comes back after
    /// `retry` (whole milliseconds) and gets what it has missed, the answer included. For long work
    /// that should not hold a connection.
    ///
    /// Tells whether that was possible: in a session of 2025-11-25 or later, on a mount with
    /// resumable streams. Elsewhere nothing happens.
    ///
    /// ```
    /// use mcp_core::{Context, mcp_tool};
    /// use std::time::Duration;
    /// # async fn compile() -> String { String::new() }
    ///
    /// #[mcp_tool]
    /// async fn build(cx: Context) -> String {
    ///     cx.close_stream(Duration::from_secs(5));
    ///     compile().await
    /// }
    /// ```
    pub fn close_stream(&self, retry: Duration) -> bool {
        self.peer().close_stream(retry)
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
