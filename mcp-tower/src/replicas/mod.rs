//! Several replicas of a server that serve the same sessions.
//!
//! A session is its id, so any replica serves any message from its own memory. What must cross
//! goes over a [`Bus`](crate::bus::Bus): changes, facts of live sessions, answers and
//! cancellations that reach another replica than the call runs on, and the rest of streams whose
//! clients come back elsewhere. Replicas share the [keys](mcp_core::KeyRing) of their servers.

mod listen;
mod note;
mod outbox;
mod remote;

pub(crate) use self::{note::SessionFact, remote::RemoteBody};

use self::{note::Note, outbox::Outbox, remote::RemoteError};
use crate::{
    bus::{Bus, BusError, BusErrorKind, ReplicaId},
    replay::EventId,
    session::{Alive, SessionKey},
};
use http::StatusCode;
use mcp_core::{
    Refusal, RefusalKind, Server, ServerHandle,
    governor::Governor,
    protocol::{ErrorObject, RawJson, RequestId},
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};
use tokio::task::AbortHandle;

/// When to try again what needs the bus while it is away.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// This process among the replicas of its servers. Cheap to clone; all mounts of a process share
/// one. When the last clone and the last mount are gone, the replica leaves.
///
/// ```
/// use mcp_tower::{KeyRing, McpService, Replicas, Server, bus::LocalBus};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = KeyRing::new([7; 32]); // from the configuration, the same for every replica
/// let replicas = Replicas::join(LocalBus::new()).await?; // or a `RedisBus`
/// let server = Server::builder("calculator", "1.0").keys(keys).build();
/// let service = McpService::new(server).replicas(&replicas);
/// # let _ = service;
/// # Ok(())
/// # }
/// ```
///
/// A message that needs nothing from elsewhere does not touch the bus. While the bus is away
/// everything goes on that does not need it; what does is refused with 503 and `Retry-After`, or
/// waits until it is back where it is only told (that something has changed).
#[derive(Clone)]
pub struct Replicas(Arc<Inner>);

struct Inner {
    id: ReplicaId,
    bus: Arc<dyn Bus>,
    alive: Arc<Alive>,
    /// Bounds the rows that others have told of.
    governor: Governor,
    servers: Mutex<HashMap<String, ServerHandle>>,
    outbox: Arc<Outbox>,
    listening: OnceLock<AbortHandle>,
}

impl Replicas {
    /// Joins the other replicas on a bus, and learns what they know.
    ///
    /// # Errors
    /// When the bus is not there, or the system has no randomness.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn join(bus: impl Bus) -> Result<Self, BusError> {
        let bus: Arc<dyn Bus> = Arc::new(bus);
        let id = ReplicaId::random().map_err(BusError::unavailable)?;
        let deliveries = bus.join(id).await?;
        let facts = bus.facts().await?;
        let inner = Arc::new(Inner {
            id,
            alive: Arc::new(Alive::new(Some(id))),
            governor: Governor::default(),
            servers: Mutex::default(),
            outbox: Outbox::start(bus.clone()),
            listening: OnceLock::new(),
            bus,
        });
        // Not before all of it is there: another thread may run the task at once.
        let listening = listen::start(Arc::downgrade(&inner), deliveries, facts);
        let _ = inner.listening.set(listening);
        Ok(Self(inner))
    }

    /// Passes changes of a server on to the other replicas, and theirs to it. `name` is the same on
    /// all of them. A mount does this for the server it is made for; a server that is resolved for
    /// each request needs it once.
    pub fn relay(&self, server: &Server, name: impl Into<String>) {
        let name = name.into();
        let known = self
            .servers()
            .insert(name.clone(), server.handle())
            .is_some_and(|known| known.is(server));
        if known {
            return;
        }
        let outbox = self.0.outbox.clone();
        server.relay_changes(move |notice| {
            let server = name.clone();
            outbox.put(Note::Changed { server, notice }.write());
        });
    }

    pub(crate) fn id(&self) -> ReplicaId {
        self.0.id
    }

    pub(crate) fn alive(&self) -> &Arc<Alive> {
        &self.0.alive
    }

    /// Tells all others a fact of a session.
    pub(crate) async fn remember(
        &self,
        session: SessionKey,
        fact: SessionFact,
        ttl: Duration,
    ) -> Result<(), Refusal> {
        let remembered = self
            .0
            .bus
            .remember(&fact.key(session), fact.value(), ttl)
            .await;
        remembered.map_err(|error| unavailable(&error))
    }

    /// Tells all others that a fact is none any more.
    pub(crate) async fn forget(
        &self,
        session: SessionKey,
        fact: SessionFact,
    ) -> Result<(), Refusal> {
        let forgotten = self.0.bus.forget(&fact.key(session)).await;
        forgotten.map_err(|error| unavailable(&error))
    }

    /// Stops a call that runs elsewhere.
    pub(crate) async fn cancel(&self, session: SessionKey, request: RequestId) {
        let note = Note::Cancel { session, request };
        if let Err(error) = self.0.bus.broadcast(note.write()).await {
            tracing::warn!(target: "mcp", %error, "a cancellation could not be passed on");
        }
    }

    /// Passes an answer on to the replica that has asked.
    pub(crate) async fn answer(
        &self,
        asked: ReplicaId,
        session: SessionKey,
        response: RawJson,
    ) -> Result<(), Refusal> {
        let note = Note::Answer { session, response };
        match self.0.bus.send(asked, note.write()).await {
            Ok(()) => Ok(()),
            // Whoever has asked is gone, and so is the question.
            Err(error) if error.kind() == BusErrorKind::Unreachable => Ok(()),
            Err(error) if error.kind() == BusErrorKind::TooLarge => {
                let long = "the answer is too large for a call on another replica";
                Err(Refusal::new(
                    RefusalKind::Envelope,
                    StatusCode::PAYLOAD_TOO_LARGE,
                    ErrorObject::invalid_request(long),
                ))
            }
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Whether a replica is there that should have the standing stream of a session.
    pub(crate) async fn is_there(&self, replica: ReplicaId, session: SessionKey) -> bool {
        let probe = Note::Probe { session };
        self.0.bus.send(replica, probe.write()).await.is_ok()
    }

    /// The rest of a stream of another replica; `None` when nobody has it.
    pub(crate) async fn resume(
        &self,
        session: SessionKey,
        last: EventId,
    ) -> Result<Option<RemoteBody>, Refusal> {
        match remote::open(&self.0.bus, session, last).await {
            Ok(body) => Ok(Some(body)),
            Err(RemoteError::Unknown) => Ok(None),
            Err(RemoteError::Bus(error)) => Err(unavailable(&error)),
        }
    }

    fn servers(&self) -> MutexGuard<'_, HashMap<String, ServerHandle>> {
        // Nothing panics while the lock is held.
        self.0
            .servers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable(error: &BusError) -> Refusal {
    tracing::warn!(target: "mcp", %error, "the bus did not take something");
    let refusal = match error.kind() {
        BusErrorKind::Full => Refusal::rate_limited(),
        _ => Refusal::overloaded(),
    };
    refusal.with_retry_after(RETRY_AFTER)
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.get() {
            listening.abort();
        }
        self.outbox.end();
    }
}

impl fmt::Debug for Replicas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replicas")
            .field("id", &self.0.id)
            .field("bus", &self.0.bus)
            .finish_non_exhaustive()
    }
}
