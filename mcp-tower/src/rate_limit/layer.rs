use super::{Caller, Quota, RateKey, RateLimit, key::Digests, quota::nanoseconds, table::Table};
use mcp_core::Refusal;
use std::{fmt, sync::Arc, time::Instant};
use tower_layer::Layer;

/// A layer that limits calls per time. See the [module](self::super) for where it goes.
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    limiter: Arc<Limiter>,
}

impl RateLimitLayer {
    /// The keys that are kept at most, unless said otherwise.
    pub const MAX_KEYS: usize = 65_536;

    /// A quota for every key.
    pub fn new(quota: Quota, key: RateKey) -> Self {
        Self::with(quota, key, Self::MAX_KEYS, Arc::new(Instant::now))
    }

    /// Keeps at most so many keys. Callers beyond share one quota among them, until others have
    /// not called for so long that their quotas are full again.
    ///
    /// A large table is split into up to 16 parts, and each of them holds its share. Say this
    /// before the layer is used: counts begin anew.
    #[must_use]
    pub fn max_keys(self, keys: usize) -> Self {
        let Limiter {
            quota, key, clock, ..
        } = &*self.limiter;
        Self::with(*quota, key.clone(), keys, clock.clone())
    }

    /// Goes by another clock, for tests that do not wait. It never goes back. Say this before the
    /// layer is used: counts begin anew.
    ///
    /// ```
    /// use mcp_tower::rate_limit::{Quota, RateKey, RateLimitLayer};
    /// use std::time::Instant;
    ///
    /// let frozen = Instant::now();
    /// let layer = RateLimitLayer::new(Quota::per_hour(1), RateKey::everybody())
    ///     .clock(move || frozen);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        let Limiter {
            quota,
            key,
            max_keys,
            ..
        } = &*self.limiter;
        Self::with(*quota, key.clone(), *max_keys, Arc::new(clock))
    }

    fn with(quota: Quota, key: RateKey, max_keys: usize, clock: Arc<Clock>) -> Self {
        Self {
            limiter: Arc::new(Limiter {
                quota,
                key,
                max_keys,
                digests: Digests::default(),
                table: Table::new(quota, max_keys),
                start: clock(),
                clock,
            }),
        }
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimit<S>;

    fn layer(&self, inner: S) -> RateLimit<S> {
        RateLimit::new(inner, self.limiter.clone())
    }
}

type Clock = dyn Fn() -> Instant + Send + Sync;

/// What the services of one layer share.
pub(super) struct Limiter {
    quota: Quota,
    key: RateKey,
    max_keys: usize,
    digests: Digests,
    table: Table,
    start: Instant,
    clock: Arc<Clock>,
}

impl Limiter {
    /// Counts a request.
    pub(super) fn check(&self, caller: &Caller<'_>) -> Result<(), Refusal> {
        let Some(key) = self.key.of(caller, &self.digests) else {
            return Ok(());
        };
        let now = (self.clock)().saturating_duration_since(self.start);
        self.table
            .take(key, nanoseconds(now))
            .map_err(|wait| Refusal::rate_limited().with_retry_after(wait))
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter")
            .field("quota", &self.quota)
            .field("max_keys", &self.max_keys)
            .finish_non_exhaustive()
    }
}
