//! How much a bus carries.

use super::BusError;
use bytes::Bytes;

/// How much a bus carries and keeps. All replicas should have the same.
///
/// ```
/// use mcp_tower::bus::{BusLimits, LocalBus};
///
/// let mut limits = BusLimits::new();
/// limits.message_bytes = 64 * 1024;
/// let bus = LocalBus::with_limits(limits);
/// # let _ = bus;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BusLimits {
    /// The largest message: 1 MiB.
    pub message_bytes: usize,
    /// The longest key of a fact and name of a log: 512 bytes.
    pub key_bytes: usize,
    /// The largest value of a fact: 4 KiB.
    pub fact_bytes: usize,
    /// The most facts: 65 536. A further one is refused; none is evicted for it.
    pub facts: usize,
    /// The most logs: 16 384. A further one is refused; none is evicted for it.
    pub logs: usize,
    /// The most entries of one log: 4096.
    pub log_entries: usize,
    /// The most bytes of one log: 8 MiB.
    pub log_bytes: usize,
    /// The most deliveries that wait for their reader: 1024. Past it they become one
    /// [`Delivery::Rejoined`](super::Delivery::Rejoined).
    pub waiting: usize,
    /// The most bytes that wait for their reader: 8 MiB, not counting the last delivery.
    pub waiting_bytes: usize,
}

impl BusLimits {
    /// The limits that are named with each field.
    pub const fn new() -> Self {
        Self {
            message_bytes: 1024 * 1024,
            key_bytes: 512,
            fact_bytes: 4096,
            facts: 65_536,
            logs: 16_384,
            log_entries: 4096,
            log_bytes: 8 * 1024 * 1024,
            waiting: 1024,
            waiting_bytes: 8 * 1024 * 1024,
        }
    }

    pub(super) fn check_message(&self, message: &[u8]) -> Result<(), BusError> {
        within(
            message.len(),
            self.message_bytes,
            "the message is too large",
        )
    }

    pub(super) fn check_key(&self, key: &str) -> Result<(), BusError> {
        within(key.len(), self.key_bytes, "the key is too long")
    }

    pub(super) fn check_fact(&self, key: &str, value: &[u8]) -> Result<(), BusError> {
        self.check_key(key)?;
        within(
            value.len(),
            self.fact_bytes,
            "the value of the fact is too large",
        )
    }

    /// Checks what can be said without knowing what the log holds; returns how many bytes these
    /// entries are.
    pub(super) fn check_entries(&self, log: &str, entries: &[Bytes]) -> Result<usize, BusError> {
        self.check_key(log)?;
        let bytes = entries.iter().map(Bytes::len).sum();
        if entries.len() > self.log_entries || bytes > self.log_bytes {
            return Err(LOG_FULL);
        }
        Ok(bytes)
    }
}

pub(super) const LOG_FULL: BusError = BusError::full("the log is full");
pub(super) const TOO_MANY_FACTS: BusError = BusError::full("there are too many facts");
pub(super) const TOO_MANY_LOGS: BusError = BusError::full("there are too many logs");

fn within(size: usize, most: usize, what: &'static str) -> Result<(), BusError> {
    if size > most {
        return Err(BusError::too_large(what));
    }
    Ok(())
}

impl Default for BusLimits {
    fn default() -> Self {
        Self::new()
    }
}
