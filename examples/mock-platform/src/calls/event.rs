//! Calls as server-sent events.

use super::CallRecord;
use bytes::Bytes;
use serde_json::json;
use std::fmt::Write;

/// When to come back after a stream has ended, in milliseconds.
const RETRY_MS: u64 = 1_000;

/// How an event is found again: a number, and the run in which it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EventId {
    pub(super) epoch: u64,
    pub(super) number: u64,
}

impl EventId {
    /// Reads what [`Display`](std::fmt::Display) writes; nothing else is an id of ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (epoch, number) = text.split_once('-')?;
        let id = Self {
            epoch: u64::from_str_radix(epoch, 16).ok()?,
            number: number.parse().ok()?,
        };
        (id.to_string() == text).then_some(id)
    }
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}-{}", self.epoch, self.number)
    }
}

/// Events that are sent together.
#[derive(Debug, Default)]
pub(super) struct Events(String);

impl Events {
    /// Says where the stream stands, so that a client can come back even if it hears nothing more.
    pub(super) fn start(&mut self, at: EventId) {
        self.write(format_args!("retry: {RETRY_MS}\nid: {at}\n\n"));
    }

    /// So many calls will not be heard of; nothing, if nobody knows how many.
    pub(super) fn lost(&mut self, calls: Option<u64>, at: EventId) {
        let data = json!({ "calls": calls });
        self.write(format_args!("event: lost\nid: {at}\ndata: {data}\n\n"));
    }

    pub(super) fn call(&mut self, record: &CallRecord, at: EventId) {
        // JSON on one line: it has no line breaks of its own.
        match serde_json::to_string(record) {
            Ok(data) => self.write(format_args!("id: {at}\ndata: {data}\n\n")),
            Err(_) => self.lost(Some(1), at),
        }
    }

    pub(super) fn keep_alive() -> Bytes {
        Bytes::from_static(b":\n\n")
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.0.into()
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // Strings take everything.
        let _ = self.0.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let id = EventId {
            epoch: 0xbeef,
            number: 17,
        };
        assert_eq!(id.to_string(), "000000000000beef-17");
        assert_eq!(EventId::parse("000000000000beef-17"), Some(id));
        for other in ["", "17", "beef-17", "000000000000beef-017", "x-1", "-"] {
            assert_eq!(EventId::parse(other), None, "{other}");
        }
    }
}
