//! How a Redis is reached and used.

use crate::bus::{BusError, BusLimits};
use ::redis::Client;
use std::{fmt, time::Duration};

/// How a Redis is reached and used.
///
/// ```
/// use mcp_tower::bus::RedisOptions;
/// use std::time::Duration;
///
/// let options = RedisOptions::new("redis://10.0.0.5").timeout(Duration::from_secs(1));
/// # let _ = options;
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct RedisOptions {
    url: String,
    pub(super) prefix: String,
    pub(super) limits: BusLimits,
    pub(super) timeout: Duration,
    pub(super) readers: usize,
}

impl RedisOptions {
    /// `redis://[user]:[password]@host[:port][/database]` or `redis+unix:///path`, with the
    /// defaults that are named with each option.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: "mcp".to_owned(),
            limits: BusLimits::new(),
            timeout: Duration::from_secs(2),
            readers: 64,
        }
    }

    /// What all keys and channels begin with: `mcp`. Servers with different prefixes do not see
    /// each other. At most 64 letters, digits, dots, dashes and underscores.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How much is carried and kept; see there.
    #[must_use]
    pub const fn limits(mut self, limits: BusLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How long a round trip may take, connecting included: 2 seconds. An operation is one, except
    /// that facts come in pages, one each. A connection that was silent for twice as long is tried.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The most connections on which logs are waited for: 64, each opened when it is needed. Any
    /// further reader looks ten times a second.
    #[must_use]
    pub const fn readers(mut self, readers: usize) -> Self {
        self.readers = readers;
        self
    }

    pub(super) fn client(&self) -> Result<Client, BusError> {
        // The error may quote the URL.
        Client::open(&*self.url).map_err(|_| {
            BusError::misconfigured("the URL of the bus should be redis://host:port/database")
        })
    }
}

impl From<&str> for RedisOptions {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for RedisOptions {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

/// Does not show the URL, which may hold a password.
impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            .field("prefix", &self.prefix)
            .field("limits", &self.limits)
            .field("timeout", &self.timeout)
            .field("readers", &self.readers)
            .finish_non_exhaustive()
    }
}
