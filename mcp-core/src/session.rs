//! What a session of a legacy client has alive on the server's side.

use crate::{
    governor::{Budget, Permit},
    peer::BoxFuture,
    protocol::{ErrorObject, LogLevel},
    refusal::Refusal,
    server::Viewer,
};
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU8, Ordering},
    },
};

/// The session that a request belongs to: what its client may set.
///
/// A transport with sessions attaches one to every request of a session, with
/// [`Request::with_session`](crate::Request::with_session). It may keep nothing for a session that
/// has set nothing, and it may have to tell other replicas: so setting something can wait and fail.
/// Where a session lives in one process and is never idle, [`SessionState`] is all it needs.
pub trait Session: Send + Sync + 'static {
    /// Sets the lowest level of log messages to send, for calls that start from now on.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn set_log_level(&self, level: LogLevel) -> BoxFuture<'_, Result<(), Refusal>>;

    /// Subscribes to a resource. Idempotent.
    ///
    /// # Errors
    /// When it cannot be kept: the URI is too long, or there are too many subscriptions.
    fn subscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>>;

    /// Ends a subscription, when there is one.
    ///
    /// # Errors
    /// When others that know of the subscription cannot be told.
    fn unsubscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>>;
}

impl Session for SessionState {
    fn set_log_level(&self, level: LogLevel) -> BoxFuture<'_, Result<(), Refusal>> {
        self.set_log_level(level);
        Box::pin(std::future::ready(Ok(())))
    }

    fn subscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        let subscribed = self.subscribe(uri).map_err(Refusal::answer);
        Box::pin(std::future::ready(subscribed))
    }

    fn unsubscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        self.unsubscribe(uri);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The log level and the resource subscriptions of a session.
///
/// A transport with sessions keeps one for each and attaches it to every request of the session,
/// with [`Request::with_session`](crate::Request::with_session).
///
/// ```
/// use mcp_core::{LogLevel, SessionState};
///
/// let session = SessionState::new();
/// assert_eq!(session.log_level(), LogLevel::Info);
/// session.subscribe("notes://1")?;
/// assert!(session.is_subscribed("notes://1"));
/// # Ok::<(), mcp_core::protocol::ErrorObject>(())
/// ```
#[derive(Debug)]
pub struct SessionState {
    log_level: AtomicU8,
    subscriptions: RwLock<Subscriptions>,
    /// Whoever listens: what they may not know any more, they are not told.
    viewer: RwLock<Option<Arc<Viewer>>>,
}

/// What a session is subscribed to: a pointer, since most have nothing and an empty set is large.
type Subscriptions = Option<Box<HashSet<Arc<str>>>>;

/// The levels by the numbers that [`SessionState`] keeps.
const LEVELS: [LogLevel; 8] = [
    LogLevel::Debug,
    LogLevel::Info,
    LogLevel::Notice,
    LogLevel::Warning,
    LogLevel::Error,
    LogLevel::Critical,
    LogLevel::Alert,
    LogLevel::Emergency,
];

impl SessionState {
    /// The most resources that a session, or one `subscriptions/listen`, can subscribe to.
    pub const MAX_SUBSCRIPTIONS: usize = 1_000;
    /// The longest URI that can be subscribed to, in bytes.
    pub const MAX_URI_BYTES: usize = 2_048;

    /// A session that has just begun: messages from `info` on, no subscriptions.
    pub fn new() -> Self {
        Self {
            log_level: AtomicU8::new(LogLevel::Info as u8),
            subscriptions: RwLock::default(),
            viewer: RwLock::default(),
        }
    }

    /// The lowest level of log messages to send.
    pub fn log_level(&self) -> LogLevel {
        let level = self.log_level.load(Ordering::Relaxed);
        LEVELS
            .get(usize::from(level))
            .copied()
            .unwrap_or(LogLevel::Info)
    }

    /// Sets the lowest level of log messages to send, for calls that start from now on.
    pub fn set_log_level(&self, level: LogLevel) {
        self.log_level.store(level as u8, Ordering::Relaxed);
    }

    /// Subscribes to a resource. Idempotent.
    ///
    /// # Errors
    /// When the URI is too long or there are too many subscriptions.
    pub fn subscribe(&self, uri: &str) -> Result<(), ErrorObject> {
        check_uri(uri)?;
        let mut subscriptions = self.write();
        let subscriptions = subscriptions.get_or_insert_default();
        if subscriptions.contains(uri) {
            return Ok(());
        }
        if subscriptions.len() >= Self::MAX_SUBSCRIPTIONS {
            return Err(too_many());
        }
        subscriptions.insert(uri.into());
        Ok(())
    }

    /// Ends a subscription, when there is one.
    pub fn unsubscribe(&self, uri: &str) {
        let mut subscriptions = self.write();
        if let Some(known) = &mut *subscriptions {
            known.remove(uri);
            if known.is_empty() {
                *subscriptions = None;
            }
        }
    }

    /// Everything the session is subscribed to.
    pub fn subscriptions(&self) -> Vec<Arc<str>> {
        let subscriptions = self.read();
        subscriptions
            .iter()
            .flat_map(|known| &**known)
            .cloned()
            .collect()
    }

    /// Whether nothing differs from a session that has just begun.
    pub fn is_default(&self) -> bool {
        self.read().is_none() && self.log_level() == LogLevel::Info
    }

    /// Whether the session is subscribed to a resource.
    pub fn is_subscribed(&self, uri: &str) -> bool {
        let subscriptions = self.read();
        subscriptions
            .as_ref()
            .is_some_and(|known| known.contains(uri))
    }

    /// Whether the session is to be told of a change of a resource.
    pub(crate) fn wants(&self, uri: &str) -> bool {
        if !self.is_subscribed(uri) {
            return false;
        }
        // Not under the lock: what may be seen is for the user's code to say.
        let viewer = {
            let viewer = self.viewer.read().unwrap_or_else(PoisonError::into_inner);
            viewer.clone()
        };
        viewer.is_none_or(|viewer| viewer.may_know(uri))
    }

    fn read(&self) -> RwLockReadGuard<'_, Subscriptions> {
        // Nothing panics while the lock is held.
        self.subscriptions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Subscriptions> {
        // Nothing panics while the lock is held.
        self.subscriptions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Says who listens.
    pub(crate) fn set_viewer(&self, viewer: Arc<Viewer>) {
        let mut place = self.viewer.write().unwrap_or_else(PoisonError::into_inner);
        let before = place.replace(viewer);
        drop(place);
        // Holds values of the application's, which may do anything when they are dropped.
        drop(before);
    }
}

impl Default for SessionState {
    fn default() -> Self {
        Self::new()
    }
}

/// A [`SessionState`] whose subscriptions are charged to whoever the session belongs to.
#[derive(Debug)]
pub struct ChargedSession {
    state: Arc<SessionState>,
    permit: Permit,
    /// What the subscriptions hold, while there are any: a pointer, since most sessions have none.
    held: Mutex<Option<Box<Permit>>>,
}

/// What a subscription counts for beside its URI.
const OVERHEAD: usize = 128;

impl ChargedSession {
    /// A session that has just begun, charged to whoever the permit was given to: it is kept with
    /// the session, and subscriptions take from the budget of
    /// [bytes kept](Budget::ReplayBytes) beside it.
    pub fn new(permit: Permit) -> Self {
        Self {
            state: Arc::default(),
            permit,
            held: Mutex::default(),
        }
    }

    /// What the client has set.
    pub fn state(&self) -> &Arc<SessionState> {
        &self.state
    }

    /// Subscribes to a resource. Idempotent.
    ///
    /// # Errors
    /// When the budget is used up; else as [`SessionState::subscribe`].
    pub fn subscribe(&self, uri: &str) -> Result<(), Refusal> {
        let mut place = self.held();
        if self.state.is_subscribed(uri) {
            return Ok(());
        }
        let weight = uri.len() + OVERHEAD;
        let held = place.get_or_insert_with(|| Box::new(self.permit.beside(Budget::ReplayBytes)));
        let taken = held.try_grow(weight).and_then(|()| {
            self.state.subscribe(uri).map_err(|error| {
                held.shrink(weight);
                Refusal::answer(error)
            })
        });
        if held.amount() == 0 {
            *place = None;
        }
        taken
    }

    /// Ends a subscription, when there is one.
    pub fn unsubscribe(&self, uri: &str) {
        let mut place = self.held();
        if let Some(held) = &mut *place
            && self.state.is_subscribed(uri)
        {
            self.state.unsubscribe(uri);
            held.shrink(uri.len() + OVERHEAD);
            if held.amount() == 0 {
                *place = None;
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Box<Permit>>> {
        // Nothing panics while the lock is held.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session for ChargedSession {
    fn set_log_level(&self, level: LogLevel) -> BoxFuture<'_, Result<(), Refusal>> {
        self.state.set_log_level(level);
        Box::pin(std::future::ready(Ok(())))
    }

    fn subscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(std::future::ready(self.subscribe(uri)))
    }

    fn unsubscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        self.unsubscribe(uri);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The limits bound what a client can make the server remember.
pub(crate) fn check_uri(uri: &str) -> Result<(), ErrorObject> {
    if uri.len() > SessionState::MAX_URI_BYTES {
        let error = format!("a URI may have {} bytes", SessionState::MAX_URI_BYTES);
        return Err(ErrorObject::invalid_params(error));
    }
    Ok(())
}

pub(crate) fn too_many() -> ErrorObject {
    let error = format!(
        "too many subscriptions: there may be {}",
        SessionState::MAX_SUBSCRIPTIONS
    );
    ErrorObject::invalid_params(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_kept() {
        let session = SessionState::new();
        for level in LEVELS {
            session.set_log_level(level);
            assert_eq!(session.log_level(), level);
        }
    }

    #[test]
    fn subscriptions_are_bounded() {
        let session = SessionState::new();
        for number in 0..SessionState::MAX_SUBSCRIPTIONS {
            session.subscribe(&format!("n:{number}")).unwrap();
        }
        session.subscribe("n:0").unwrap();
        assert!(session.subscribe("n:x").is_err());
        session.unsubscribe("n:0");
        session.subscribe("n:x").unwrap();
        assert!(!session.is_subscribed("n:0"));
        session.unsubscribe("n:1");
        let long = "n".repeat(SessionState::MAX_URI_BYTES + 1);
        assert!(session.subscribe(&long).is_err());
    }
}
