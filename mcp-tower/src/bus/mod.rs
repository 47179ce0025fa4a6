//! What several replicas of a server tell each other.
//!
//! Most requests need nothing of this: a session id is sealed, and whichever replica gets a
//! request can serve it from its own memory. A [`Bus`] carries the rest: that a list has changed,
//! the answer to a question that another replica asked, that a call shall end, which sessions are
//! over, and what a client missed of a stream that goes on elsewhere.
//!
//! - [`LocalBus`] is for several servers in one process, and for tests.
//! - `RedisBus` (feature `redis`) is for several processes, over Redis or Valkey.
//!
//! Any other transport implements [`Bus`] and proves it with the functions of `contract` (feature
//! `testing`).
//!
//! | a bus carries | for | at most, see [`BusLimits`] |
//! |---|---|---|
//! | messages | those who listen at that moment | 1 MiB each; 1024 or 8 MiB wait for a reader |
//! | facts | everyone, until they expire | 65 536, of 4 KiB each |
//! | logs | one reader who was away for a while | 16 384, each of 4096 entries and 8 MiB |

#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod contract;
mod deliveries;
mod error;
mod limits;
mod local;
#[cfg(feature = "redis")]
mod redis;
mod replica;

#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use self::redis::{RedisBus, RedisOptions};
pub use self::{
    deliveries::{Deliveries, Delivery, DeliverySender},
    error::{BusError, BusErrorKind},
    limits::BusLimits,
    local::LocalBus,
    replica::ReplicaId,
};

use bytes::Bytes;
use mcp_core::BoxFuture;
use std::{fmt, time::Duration};

/// Carries what must cross replicas.
///
/// A value of a bus is *one process* to the others: what is broadcast or remembered through it does
/// not come back to those who [`join`](Self::join)ed through it.
///
/// Nothing here waits for a peer: an operation is done when the medium has taken it. While the
/// medium is away, operations fail with [`BusErrorKind::Unavailable`] within a bounded time, and
/// work again when it is back; nothing is kept for later. Dropping the future of an operation is
/// safe, and leaves open whether it took effect.
///
/// ```
/// use mcp_tower::bus::{Bus, Delivery, LocalBus, ReplicaId};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let (here, there) = { let bus = LocalBus::new(); (bus.clone(), bus) };
/// let mut deliveries = there.join(ReplicaId::random()?).await?;
/// here.broadcast("the tools have changed".into()).await?;
/// assert_eq!(deliveries.next().await, Some(Delivery::Message("the tools have changed".into())));
/// # Ok(())
/// # }
/// ```
pub trait Bus: Send + Sync + fmt::Debug + 'static {
    /// Starts to receive for a replica: broadcasts, messages to it, and facts of others.
    ///
    /// Completes when nothing that is sent from now on will be missed. Receiving goes on until the
    /// [`Deliveries`] are dropped.
    ///
    /// # Errors
    /// When the medium is unavailable.
    fn join(&self, replica: ReplicaId) -> BoxFuture<'_, Result<Deliveries, BusError>>;

    /// Tells every other replica that listens.
    ///
    /// # Errors
    /// When the message is too large or the medium unavailable. That nobody listens is none.
    fn broadcast(&self, message: Bytes) -> BoxFuture<'_, Result<(), BusError>>;

    /// Tells one replica, also one that joined through this value.
    ///
    /// # Errors
    /// [`BusErrorKind::Unreachable`] when nobody listens under that id; when the message is too
    /// large; when the medium is unavailable.
    fn send(&self, to: ReplicaId, message: Bytes) -> BoxFuture<'_, Result<(), BusError>>;

    /// Remembers a fact for as long as `ttl`, in place of what the key said before.
    ///
    /// Other replicas that listen are told; one that joins later gets it from
    /// [`facts`](Self::facts). Nobody is told when it expires: each drops its copy in time.
    ///
    /// # Errors
    /// [`BusErrorKind::Full`] when there are too many facts already, and this is not one of them;
    /// when key or value are too large; when the medium is unavailable.
    fn remember<'a>(
        &'a self,
        key: &'a str,
        value: Bytes,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), BusError>>;

    /// Forgets a fact and tells the other replicas that listen, whether it was known or not.
    ///
    /// # Errors
    /// When the medium is unavailable.
    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), BusError>>;

    /// Everything that is remembered and has not expired, in no order.
    ///
    /// Whoever joins first and asks then has not missed any: what changes meanwhile is delivered.
    ///
    /// # Errors
    /// When the medium is unavailable.
    fn facts(&self) -> BoxFuture<'_, Result<Vec<Fact>, BusError>>;

    /// Appends to a log, all entries or none; the first to append opens it.
    ///
    /// It lives for `ttl` from now on. Appending nothing opens a log, or keeps it alive.
    ///
    /// # Errors
    /// [`BusErrorKind::Full`] when the log would hold too much, or there are too many; when the name
    /// is too large; when the medium is unavailable.
    fn append<'a>(
        &'a self,
        log: &'a str,
        entries: Vec<Bytes>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), BusError>>;

    /// The entries after the first `after` ones, some of them or all; at least one, for which it
    /// waits as long as `wait`. None came in time when it returns none.
    ///
    /// # Errors
    /// [`BusErrorKind::Unknown`] when there is no such log; when the medium is unavailable.
    fn read<'a>(
        &'a self,
        log: &'a str,
        after: u64,
        wait: Duration,
    ) -> BoxFuture<'a, Result<Vec<Bytes>, BusError>>;
}

/// Something that all replicas should know until it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// What it is about. Facts of different owners have different keys: whoever makes one puts
    /// principal and mount into it.
    pub key: String,
    /// What is known.
    pub value: Bytes,
    /// For how long it remains true, from now on.
    pub ttl: Duration,
}

impl Fact {
    /// A fact.
    pub const fn new(key: String, value: Bytes, ttl: Duration) -> Self {
        Self { key, value, ttl }
    }
}

/// The longest that anything is remembered. A longer `ttl` means this; and none is shorter than a
/// millisecond.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A time to live that any medium can express.
fn bounded(ttl: Duration) -> Duration {
    ttl.clamp(Duration::from_millis(1), LONGEST)
}
