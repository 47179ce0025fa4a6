//! The logs of a bus in this process.

use super::expiring::Expiring;
use crate::bus::{
    BusError, BusLimits,
    limits::{LOG_FULL, TOO_MANY_LOGS},
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, futures::OwnedNotified};

#[derive(Debug, Default)]
pub(super) struct Logs(Expiring<Log>);

#[derive(Debug, Default)]
struct Log {
    entries: Vec<Bytes>,
    bytes: usize,
    appended: Arc<Notify>,
}

impl Logs {
    pub(super) fn append(
        &mut self,
        name: &str,
        entries: Vec<Bytes>,
        ttl: Duration,
        limits: &BusLimits,
    ) -> Result<(), BusError> {
        let added = limits.check_entries(name, &entries)?;
        self.0.purge();
        let (held, bytes) = match self.0.get(name) {
            Some(log) => (log.entries.len(), log.bytes),
            None if self.0.len() >= limits.logs => return Err(TOO_MANY_LOGS),
            None => (0, 0),
        };
        if held + entries.len() > limits.log_entries || bytes + added > limits.log_bytes {
            return Err(LOG_FULL);
        }
        let mut log = self.0.remove(name).unwrap_or_default();
        log.entries.extend(entries);
        log.bytes += added;
        log.appended.notify_waiters();
        self.0.insert(name, log, ttl);
        Ok(())
    }

    /// The entries after these many, and what completes when more are
    /// appended from now on; `None` when there is no
    /// such log.
    pub(super) fn read(&self, name: &str, after: u64) -> Option<(Vec<Bytes>, OwnedNotified)> {
        let log = self.0.get(name)?;
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        let entries = log.entries.get(after..).unwrap_or_default().to_vec();
        Some((entries, log.appended.clone().notified_owned()))
    }
}
