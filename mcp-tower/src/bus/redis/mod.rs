//! A bus over Redis or Valkey.

mod error;
mod frame;
mod keys;
mod link;
mod log;
mod options;
mod readers;
mod scripts;
mod subscription;

pub use self::options::RedisOptions;

use self::{frame::Frame, keys::Keys, link::Link, readers::Readers};
use super::{Bus, BusError, Deliveries, Fact, ReplicaId, bounded, limits::TOO_MANY_FACTS};
use ::redis::{Client, pipe};
use bytes::Bytes;
use mcp_core::{BoxFuture, random};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A bus over Redis, 7.0 or later, or Valkey.
///
/// It keeps one connection for operations, one for each replica that has joined, and as many as
/// [`RedisOptions::readers`] for those who wait for a log. Each is tried when it has been silent
/// for long, and replaced when it is lost; a replica whose connection was lost gets
/// [`Delivery::Rejoined`](super::Delivery::Rejoined). While Redis is away, operations fail at once
/// or within [`RedisOptions::timeout`], which for a reader begins when it has waited.
///
/// Messages travel by publish and subscribe and are not stored. Facts are a hash with an index by
/// expiry, logs are streams; both expire in Redis too, so that nothing is left behind. Redis must
/// not evict them (`maxmemory-policy noeviction`). A cluster is not supported. For `rediss://` the
/// application depends on the crate `redis` too, with its feature `tokio-rustls-comp` or
/// `tokio-native-tls-comp`.
///
/// Whoever can write to that Redis can speak for every replica, and whoever can read from it reads
/// what clients missed: it needs a password and a network as private as the servers themselves.
///
/// A clone is another process to the others, over the same connections.
///
/// ```no_run
/// use mcp_tower::bus::{BusError, RedisBus, RedisOptions};
///
/// # async fn example() -> Result<(), BusError> {
/// let bus = RedisBus::connect("redis://:secret@10.0.0.5:6379/0").await?;
/// let of_staging = RedisOptions::new("redis+unix:///run/redis.sock").prefix("staging");
/// let bus = RedisBus::new(of_staging)?; // connects when it is used
/// # let _ = bus;
/// # Ok(())
/// # }
/// ```
pub struct RedisBus {
    /// Tells what came through this value from what came through any other.
    endpoint: u64,
    shared: Arc<Shared>,
}

struct Shared {
    options: RedisOptions,
    keys: Keys,
    client: Client,
    link: Link,
    readers: Readers,
    /// The endpoint of the next clone. The first one is random, so that those of different
    /// processes do not meet.
    endpoints: AtomicU64,
}

impl RedisBus {
    /// A bus that connects when it is used. Needs no runtime.
    ///
    /// # Errors
    /// When the options make no sense, or the system has no randomness to give.
    pub fn new(options: impl Into<RedisOptions>) -> Result<Self, BusError> {
        let options = options.into();
        let client = options.client()?;
        let keys = Keys::new(&options, &client)?;
        let first = random().map_err(BusError::unavailable)?;
        let endpoint = u64::from_be_bytes(first);
        Ok(Self {
            endpoint,
            shared: Arc::new(Shared {
                keys,
                link: Link::new(client.clone(), options.timeout),
                readers: Readers::new(options.readers),
                client,
                options,
                endpoints: AtomicU64::new(endpoint),
            }),
        })
    }

    /// A bus that is connected. Needs a tokio runtime with I/O and time, as all operations do.
    ///
    /// # Errors
    /// When the options make no sense, or there is no Redis that answers.
    pub async fn connect(options: impl Into<RedisOptions>) -> Result<Self, BusError> {
        let bus = Self::new(options)?;
        let (_,): (String,) = bus.shared.link.query(pipe().cmd("PING")).await?;
        Ok(bus)
    }

    async fn publish_to_all(&self, frame: Frame) -> Result<(), BusError> {
        let frame = frame.encode(self.endpoint);
        let mut query = pipe();
        query.publish(&self.shared.keys.all, frame);
        let (_,): (u64,) = self.shared.link.query(&query).await?;
        Ok(())
    }
}

impl Bus for RedisBus {
    fn join(&self, replica: ReplicaId) -> BoxFuture<'_, Result<Deliveries, BusError>> {
        Box::pin(subscription::join(self, replica))
    }

    fn broadcast(&self, message: Bytes) -> BoxFuture<'_, Result<(), BusError>> {
        Box::pin(async move {
            self.shared.options.limits.check_message(&message)?;
            self.publish_to_all(Frame::Message(message)).await
        })
    }

    fn send(&self, to: ReplicaId, message: Bytes) -> BoxFuture<'_, Result<(), BusError>> {
        Box::pin(async move {
            self.shared.options.limits.check_message(&message)?;
            let channel = self.shared.keys.replica(to);
            let mut query = pipe();
            query.publish(channel, &*message);
            let (listeners,): (u64,) = self.shared.link.query(&query).await?;
            if listeners == 0 {
                return Err(BusError::unreachable());
            }
            Ok(())
        })
    }

    fn remember<'a>(
        &'a self,
        key: &'a str,
        value: Bytes,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), BusError>> {
        Box::pin(async move {
            let Shared {
                options,
                keys,
                link,
                ..
            } = &*self.shared;
            options.limits.check_fact(key, &value)?;
            let ttl = bounded(ttl);
            let mut query = pipe();
            query
                .cmd("EVAL")
                .arg(scripts::REMEMBER)
                .arg(2)
                .arg(&keys.facts)
                .arg(&keys.expiry)
                .arg(key)
                .arg(&*value)
                .arg(millis(ttl))
                .arg(options.limits.facts)
                .arg(&keys.all)
                .arg(
                    Frame::Remembered(Fact::new(key.to_owned(), value.clone(), ttl))
                        .encode(self.endpoint),
                );
            let (kept,): (bool,) = link.query(&query).await?;
            if !kept {
                return Err(TOO_MANY_FACTS);
            }
            Ok(())
        })
    }

    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), BusError>> {
        Box::pin(async move {
            let Shared {
                options,
                keys,
                link,
                ..
            } = &*self.shared;
            options.limits.check_key(key)?;
            let mut query = pipe();
            query
                .atomic()
                .hdel(&keys.facts, key)
                .ignore()
                .zrem(&keys.expiry, key)
                .ignore()
                .publish(
                    &keys.all,
                    Frame::Forgotten(key.to_owned()).encode(self.endpoint),
                );
            let (_,): (u64,) = link.query(&query).await?;
            Ok(())
        })
    }

    fn facts(&self) -> BoxFuture<'_, Result<Vec<Fact>, BusError>> {
        Box::pin(self.shared.facts())
    }

    fn append<'a>(
        &'a self,
        log: &'a str,
        entries: Vec<Bytes>,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<(), BusError>> {
        Box::pin(self.shared.append(log, entries, ttl))
    }

    fn read<'a>(
        &'a self,
        log: &'a str,
        after: u64,
        wait: Duration,
    ) -> BoxFuture<'a, Result<Vec<Bytes>, BusError>> {
        Box::pin(self.shared.read(log, after, wait))
    }
}

impl Shared {
    /// Reads the hash page by page. What changes meanwhile may or may not be in it.
    async fn facts(&self) -> Result<Vec<Fact>, BusError> {
        let mut facts = HashMap::new();
        let mut cursor = 0_u64;
        loop {
            let mut query = pipe();
            query
                .cmd("TIME")
                .cmd("HSCAN")
                .arg(&self.keys.facts)
                .arg(cursor);
            query.arg("COUNT").arg(FACTS_AT_ONCE);
            let ((seconds, micros), (next, page)): Scanned = self.link.query(&query).await?;
            let now = Duration::from_secs(seconds) + Duration::from_micros(micros);
            for (key, kept) in page {
                if let Some(fact) = scripts::kept_fact(key, kept, now) {
                    facts.insert(fact.key.clone(), fact);
                }
            }
            // Others may have larger limits.
            if next == 0 || facts.len() >= self.options.limits.facts {
                return Ok(facts.into_values().collect());
            }
            cursor = next;
        }
    }
}

/// How many facts are asked for at once: a page must not hold up the others.
const FACTS_AT_ONCE: u32 = 512;

/// The time by the clock of Redis, in seconds and microseconds; the next cursor, and a page.
type Scanned = ((u64, u64), (u64, Vec<(Bytes, Bytes)>));

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Clone for RedisBus {
    fn clone(&self) -> Self {
        let last = self.shared.endpoints.fetch_add(1, Ordering::Relaxed);
        Self {
            endpoint: last.wrapping_add(1),
            shared: self.shared.clone(),
        }
    }
}

/// Shows nothing that is needed to log in.
impl fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBus")
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}
