//! Names of events, which name their stream.

use crate::bus::ReplicaId;
use std::{fmt, str::FromStr};

/// A stream, among all streams of all replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamName {
    /// Where it began.
    pub(crate) replica: ReplicaId,
    pub(crate) kind: StreamKind,
    pub(crate) number: u64,
}

/// What a stream tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum StreamKind {
    /// One call.
    Call,
    /// Whatever belongs to no call.
    Standing,
}

/// An event of a stream: what clients send back as `Last-Event-ID`. Not a secret, and of no use
/// outside its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventId {
    pub(crate) stream: StreamName,
    pub(crate) number: u64,
}

/// A text that names no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoEvent;

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.stream.kind {
            StreamKind::Call => 'c',
            StreamKind::Standing => 's',
        };
        let (stream, number) = (self.stream.number, self.number);
        write!(f, "{}{kind}{stream:x}.{number:x}", self.stream.replica)
    }
}

impl FromStr for EventId {
    type Err = NoEvent;

    fn from_str(text: &str) -> Result<Self, NoEvent> {
        const REPLICA: usize = 16;
        let (replica, rest) = text.split_at_checked(REPLICA).ok_or(NoEvent)?;
        let (kind, rest) = match rest.split_at_checked(1) {
            Some(("c", rest)) => (StreamKind::Call, rest),
            Some(("s", rest)) => (StreamKind::Standing, rest),
            _ => return Err(NoEvent),
        };
        let (stream, number) = rest.split_once('.').ok_or(NoEvent)?;
        let hex = |text: &str| u64::from_str_radix(text, 16).map_err(|_| NoEvent);
        let event = Self {
            stream: StreamName {
                replica: replica.parse().map_err(|_| NoEvent)?,
                kind,
                number: hex(stream)?,
            },
            number: hex(number)?,
        };
        // One event has one name.
        (event.to_string() == text).then_some(event).ok_or(NoEvent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_come_back(stream: u64, number: u64, standing: bool) {
            let replica = ReplicaId::random().unwrap();
            let kind = if standing { StreamKind::Standing } else { StreamKind::Call };
            let event = EventId { stream: StreamName { replica, kind, number: stream }, number };
            prop_assert_eq!(event.to_string().parse(), Ok(event));
        }

        #[test]
        fn nothing_else_is_a_name(text in "[0-9a-fA-Fcs.+ -]{0,40}") {
            if let Ok(event) = text.parse::<EventId>() {
                prop_assert_eq!(event.to_string(), text);
            }
        }
    }
}
