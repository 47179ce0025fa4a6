//! Where in Redis things are.

use super::RedisOptions;
use crate::bus::{BusError, ReplicaId};
use ::redis::Client;

/// The names of keys and channels. They begin with the prefix and the number of the database:
/// channels are the same in all databases of a Redis.
pub(super) struct Keys {
    base: String,
    /// The channel of everyone.
    pub(super) all: String,
    /// A hash: the value of each fact, behind the time of its end.
    pub(super) facts: String,
    /// A sorted set: when each fact ends.
    pub(super) expiry: String,
    /// A sorted set: when each log ends.
    pub(super) logs: String,
}

impl Keys {
    pub(super) fn new(options: &RedisOptions, client: &Client) -> Result<Self, BusError> {
        let prefix = &*options.prefix;
        let allowed =
            |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        if prefix.is_empty() || prefix.len() > 64 || !prefix.bytes().all(allowed) {
            return Err(BusError::misconfigured(
                "the prefix of the bus is 1 to 64 letters, digits, dots, dashes and underscores",
            ));
        }
        let base = format!(
            "{prefix}:{}",
            client.get_connection_info().redis_settings().db()
        );
        Ok(Self {
            all: format!("{base}:all"),
            facts: format!("{base}:facts"),
            expiry: format!("{base}:expiry"),
            logs: format!("{base}:logs"),
            base,
        })
    }

    /// The channel of one replica.
    pub(super) fn replica(&self, id: ReplicaId) -> String {
        format!("{}:to:{id}", self.base)
    }

    /// The stream of a log.
    pub(super) fn log(&self, name: &str) -> String {
        format!("{}:log:{name}", self.base)
    }
}
