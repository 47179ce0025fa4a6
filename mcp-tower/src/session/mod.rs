//! Sessions of legacy clients: what their handshake agreed on, and what runs in them.
//!
//! A bounded store in this process. Nothing outside this folder knows how a session is kept.

mod questions;
mod running;
mod standing;

pub(crate) use self::standing::StandingError;

use self::{questions::Questions, running::Running, standing::Place};
use crate::legacy;
use http::HeaderValue;
use mcp_core::{
    Client, Listener, Mount, Principal, Reference, Refusal, SessionState,
    call::{CancelReason, Link},
    protocol::{RequestId, Revision},
    random,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How many sessions are kept, and for how long.
///
/// ```
/// use mcp_tower::SessionLimits;
/// use std::time::Duration;
///
/// let limits = SessionLimits::new().sessions(1_000).idle(Duration::from_secs(600));
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SessionLimits {
    sessions: usize,
    idle: Duration,
}

impl SessionLimits {
    /// 65 536 sessions, each dropped after an hour without use.
    pub const fn new() -> Self {
        Self {
            sessions: 65_536,
            idle: Duration::from_secs(3600),
        }
    }

    /// The most sessions at once. A further one is refused with 503; none is evicted for it.
    #[must_use]
    pub const fn sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions;
        self
    }

    /// How long a session is kept that nothing uses. A running request uses its session.
    #[must_use]
    pub const fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// Whose a session is. There is no way to look one up without saying so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    principal: Principal,
    mount: Mount,
}

impl Owner {
    pub(crate) fn new(principal: Principal, mount: Mount) -> Self {
        Self { principal, mount }
    }
}

/// The sessions of one mount.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Inner>);

struct Inner {
    limits: SessionLimits,
    start: Instant,
    /// When all rows may be looked through again, in milliseconds since the start.
    next_sweep: AtomicU64,
    rows: RwLock<HashMap<Box<str>, Row>>,
}

struct Row {
    owner: Owner,
    session: Arc<Session>,
    /// Milliseconds since the start of the store.
    used: AtomicU64,
}

impl Sessions {
    pub(crate) fn new(limits: SessionLimits) -> Self {
        Self(Arc::new(Inner {
            limits,
            start: Instant::now(),
            next_sweep: AtomicU64::new(0),
            rows: RwLock::default(),
        }))
    }

    /// Keeps a session and returns its id.
    pub(crate) fn open(&self, owner: Owner, session: Session) -> Result<HeaderValue, Refusal> {
        let id = new_id()?;
        let row = Row {
            owner,
            session: Arc::new(session),
            used: AtomicU64::new(self.now()),
        };
        let mut rows = self.0.rows.write().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= self.0.limits.sessions && self.may_sweep() {
            let oldest = self.oldest();
            rows.retain(|_, row| row.is_alive(oldest));
        }
        if rows.len() >= self.0.limits.sessions {
            return Err(legacy::full());
        }
        let value = HeaderValue::try_from(&id).map_err(|_| legacy::full())?;
        rows.insert(id.into(), row);
        Ok(value)
    }

    /// The session with this id, when it is the owner's. What it holds counts as use until it is
    /// dropped: see [`busy`](Self::busy).
    pub(crate) fn find(&self, id: &str, owner: &Owner) -> Option<Arc<Session>> {
        let rows = self.0.rows.read().unwrap_or_else(PoisonError::into_inner);
        let row = rows.get(id).filter(|row| row.owner == *owner)?;
        if !row.is_alive(self.oldest()) {
            return None;
        }
        row.used.store(self.now(), Ordering::Relaxed);
        Some(row.session.clone())
    }

    /// Ends a session; tells whether there was one.
    pub(crate) fn close(&self, id: &str, owner: &Owner) -> bool {
        if self.find(id, owner).is_none() {
            return false;
        }
        // Ending what runs may drop the last of a call, which then looks for its row: not under
        // the lock.
        let removed = {
            let mut rows = self.0.rows.write().unwrap_or_else(PoisonError::into_inner);
            rows.remove(id)
        };
        let Some(row) = removed else {
            return false;
        };
        row.session.standing.end();
        row.session.questions.end();
        row.session.running.cancel_all(CancelReason::Requested);
        true
    }

    /// Says when the session was used last, at the latest when the value is dropped.
    pub(crate) fn busy(&self, id: &str) -> Busy {
        Busy {
            sessions: self.clone(),
            id: id.into(),
        }
    }

    /// Looking through all rows takes time: once a second is enough.
    fn may_sweep(&self) -> bool {
        const PAUSE: u64 = 1000;
        let (now, next) = (self.now(), &self.0.next_sweep);
        let may = now >= next.load(Ordering::Relaxed);
        if may {
            next.store(now + PAUSE, Ordering::Relaxed);
        }
        may
    }

    fn now(&self) -> u64 {
        millis(self.0.start.elapsed())
    }

    /// What was not used since then has expired.
    fn oldest(&self) -> u64 {
        self.now().saturating_sub(millis(self.0.limits.idle))
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

/// 128 random bits as text.
fn new_id() -> Result<String, Refusal> {
    let bytes: [u8; 16] = random().map_err(|_| Refusal::internal(Reference::new()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

impl Row {
    fn is_alive(&self, oldest: u64) -> bool {
        self.used.load(Ordering::Relaxed) >= oldest || self.session.is_busy()
    }
}

/// A long use of a session: its idle time begins when this is dropped.
pub(crate) struct Busy {
    sessions: Sessions,
    id: Box<str>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        let sessions = &self.sessions;
        let rows = sessions
            .0
            .rows
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = rows.get(&self.id) {
            row.used.store(sessions.now(), Ordering::Relaxed);
        }
    }
}

/// What the handshake agreed on, what the client set since, and what runs.
#[derive(Debug)]
pub(crate) struct Session {
    revision: Revision,
    client: Client,
    running: Running,
    state: Arc<SessionState>,
    standing: Place,
    questions: Arc<Questions>,
}

impl Session {
    pub(crate) fn new(revision: Revision, client: Client) -> Self {
        Self {
            revision,
            client,
            running: Running::default(),
            state: Arc::default(),
            standing: Place::default(),
            questions: Arc::default(),
        }
    }

    /// What the client has set: log level and subscriptions.
    pub(crate) fn state(&self) -> &Arc<SessionState> {
        &self.state
    }

    /// Takes the place of the standing stream.
    pub(crate) fn stand(
        &self,
        listen: impl FnOnce() -> Result<Listener, Refusal>,
    ) -> Result<Listener, StandingError> {
        self.standing.take(listen)
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Takes note of a request, so that it can be cancelled; tells whether there is room for it.
    pub(crate) fn run(&self, id: RequestId, link: &Arc<Link>) -> bool {
        self.running.add(id, link)
    }

    pub(crate) fn cancel(&self, id: &RequestId, reason: CancelReason) {
        self.running.cancel(id, reason);
    }

    /// What the server asks its client.
    pub(crate) fn questions(&self) -> &Arc<Questions> {
        &self.questions
    }

    fn is_busy(&self) -> bool {
        !self.running.is_empty() || self.standing.is_taken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> Owner {
        Owner::new(Principal::new("issuer", name), Mount::unnamed())
    }

    fn session() -> Session {
        Session::new(Revision::V2025_11_25, Client::default())
    }

    fn text(id: &HeaderValue) -> &str {
        id.to_str().unwrap()
    }

    #[test]
    fn a_session_is_its_owners_alone() {
        let sessions = Sessions::new(SessionLimits::new());
        let id = sessions.open(owner("ada"), session()).unwrap();
        assert!(sessions.find(text(&id), &owner("ada")).is_some());
        assert!(sessions.find(text(&id), &owner("bob")).is_none());
        let elsewhere = Owner::new(Principal::new("issuer", "ada"), Mount::new("other"));
        assert!(sessions.find(text(&id), &elsewhere).is_none());
        assert!(!sessions.close(text(&id), &owner("bob")));
        assert!(sessions.close(text(&id), &owner("ada")));
        assert!(sessions.find(text(&id), &owner("ada")).is_none());
    }

    #[test]
    fn a_flood_evicts_nobody() {
        let sessions = Sessions::new(SessionLimits::new().sessions(2));
        let first = sessions.open(owner("ada"), session()).unwrap();
        sessions.open(owner("ada"), session()).unwrap();
        let refusal = sessions.open(owner("bob"), session()).unwrap_err();
        assert_eq!(refusal.status(), 503);
        assert!(refusal.retry_after().is_some());
        assert!(sessions.find(text(&first), &owner("ada")).is_some());
    }

    #[test]
    fn idle_sessions_make_room_but_busy_ones_stay() {
        let limits = SessionLimits::new().sessions(2).idle(Duration::ZERO);
        let sessions = Sessions::new(limits);
        let busy = sessions.open(owner("ada"), session()).unwrap();
        let row = sessions.find(text(&busy), &owner("ada")).unwrap();
        let link = Arc::new(Link::new());
        row.run(1.into(), &link);
        sessions.open(owner("ada"), session()).unwrap();
        // Time has a resolution of a millisecond here.
        while sessions.now() == 0 {
            std::hint::spin_loop();
        }
        sessions.open(owner("ada"), session()).unwrap();
        assert!(sessions.find(text(&busy), &owner("ada")).is_some());
        drop(link);
    }
}
