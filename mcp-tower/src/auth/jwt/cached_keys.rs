use super::{KeySet, KeySource};
use crate::auth::TokenError;
use mcp_core::{BoxError, BoxFuture};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Keys that are fetched when they are first needed, and kept for a while.
///
/// - One fetch runs at a time, and those who need it wait for it. It ends even if they go away.
/// - Keys are good for ten minutes ([`ttl`](Self::ttl)), and for an hour
///   ([`grace`](Self::grace)) while they cannot be fetched anew.
/// - A token that names an unknown key causes a fetch, so that new keys are known at once; but no
///   fetch begins within ten seconds ([`cooldown`](Self::cooldown)) of the last one, however many
///   such tokens come and whether or not it went well.
///
/// Making one fetches nothing and needs no runtime; using it needs tokio's, with timers.
#[derive(Clone)]
pub struct CachedKeys {
    source: Arc<dyn Fetch>,
    cache: Arc<Cache>,
    ttl: Duration,
    grace: Duration,
    cooldown: Duration,
}

#[derive(Default)]
struct Cache {
    /// What readers look at.
    state: Mutex<State>,
    /// Held by the one who fetches.
    fetching: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone, Default)]
struct State {
    keys: Option<(Arc<KeySet>, Instant)>,
    last_begun: Option<Instant>,
}

impl CachedKeys {
    /// Keys from this source.
    pub fn new(source: impl KeySource) -> Self {
        Self {
            source: Arc::new(source),
            cache: Arc::default(),
            ttl: Duration::from_secs(10 * 60),
            grace: Duration::from_secs(60 * 60),
            cooldown: Duration::from_secs(10),
        }
    }

    /// After which time keys are fetched anew: the longest that a key which was withdrawn is still
    /// trusted, if its issuer can be reached.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// How old keys may be that are used because no newer ones could be fetched.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The least time between the beginnings of two fetches.
    #[must_use]
    pub fn cooldown(mut self, cooldown: Duration) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// The keys that are good now.
    pub(super) async fn current(&self) -> Result<Arc<KeySet>, TokenError> {
        if let Some(keys) = self.younger_than(self.ttl) {
            return Ok(keys);
        }
        let grace = self.grace.max(self.ttl);
        if let Some(keys) = self.younger_than(grace)
            && self.cache.fetching.try_lock().is_err()
        {
            // One waits for the newer ones; a slow issuer does not stop all the others.
            return Ok(keys);
        }
        self.refresh(None).await;
        let keys = self.younger_than(grace);
        keys.ok_or_else(|| self.unavailable())
    }

    /// Newer keys than these, if they may be fetched.
    pub(super) async fn newer_than(&self, known: &Arc<KeySet>) -> Option<Arc<KeySet>> {
        self.refresh(Some(known)).await;
        let keys = self.younger_than(self.ttl)?;
        (!Arc::ptr_eq(&keys, known)).then_some(keys)
    }

    fn state(&self) -> State {
        self.cache.lock().clone()
    }

    fn younger_than(&self, age: Duration) -> Option<Arc<KeySet>> {
        let (keys, since) = self.state().keys?;
        (since.elapsed() < age).then_some(keys)
    }

    /// What is left of the time in which nothing may be fetched.
    fn cooling(&self) -> Option<Duration> {
        let cooling = self
            .cooldown
            .checked_sub(self.state().last_begun?.elapsed())?;
        (!cooling.is_zero()).then_some(cooling)
    }

    /// Fetches, unless others just did or are at it: then it waits for them.
    async fn refresh(&self, known: Option<&Arc<KeySet>>) {
        let fetching = self.cache.fetching.clone().lock_owned().await;
        let is_done = self.younger_than(self.ttl).is_some_and(|keys| match known {
            Some(known) => !Arc::ptr_eq(&keys, known),
            None => true,
        });
        if is_done || self.cooling().is_some() {
            return;
        }
        self.cache.lock().last_begun = Some(Instant::now());
        let this = self.clone();
        // A task: if the caller goes away, those who wait still get their keys, and a client that
        // hangs up cannot make the cooldown begin for nothing.
        let fetched = tokio::spawn(async move {
            match this.source.fetch().await {
                Ok(keys) => {
                    this.cache.lock().keys = Some((Arc::new(keys), Instant::now()));
                }
                Err(error) => tracing::warn!(%error, "the keys of tokens could not be fetched"),
            }
            drop(fetching);
        });
        // It fails if the source panics; then there are no new keys.
        let _ = fetched.await;
    }

    fn unavailable(&self) -> TokenError {
        let error = TokenError::unavailable(NoKeys);
        match self.cooling() {
            Some(cooling) => error.with_retry_after(cooling),
            None => error,
        }
    }
}

impl Cache {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct NoKeys;

impl fmt::Display for NoKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there are no keys to check tokens with")
    }
}

impl std::error::Error for NoKeys {}

trait Fetch: Send + Sync {
    fn fetch(&self) -> BoxFuture<'_, Result<KeySet, BoxError>>;
}

impl<S: KeySource> Fetch for S {
    fn fetch(&self) -> BoxFuture<'_, Result<KeySet, BoxError>> {
        Box::pin(async move {
            let json = KeySource::fetch(self).await?;
            Ok(KeySet::parse(&json)?)
        })
    }
}

impl fmt::Debug for CachedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedKeys")
            .field("keys", &self.state().keys.map(|(keys, _)| keys))
            .field("ttl", &self.ttl)
            .field("grace", &self.grace)
            .field("cooldown", &self.cooldown)
            .finish_non_exhaustive()
    }
}
