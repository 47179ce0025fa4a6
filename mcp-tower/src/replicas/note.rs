//! What replicas tell each other.

use crate::session::SessionKey;
use bytes::Bytes;
use mcp_core::{
    ChangeNotice, LogLevel,
    protocol::{RawJson, RequestId},
};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// A message.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Note {
    /// Something of a server has changed.
    Changed {
        server: String,
        notice: ChangeNotice,
    },
    /// A call is to stop, wherever it runs.
    Cancel {
        session: SessionKey,
        request: RequestId,
    },
    /// The answer to a question that the reader has asked.
    Answer {
        session: SessionKey,
        response: RawJson,
    },
    /// A client has come back elsewhere: the rest of a stream, after this event, goes to a log.
    Resume {
        session: SessionKey,
        last: String,
        log: String,
    },
    /// Nothing; to find out whether somebody is there.
    Hello,
    /// Whether somebody is there; and whoever does not read the standing stream of this session
    /// says so to all.
    Probe { session: SessionKey },
}

impl Note {
    pub(super) fn write(&self) -> Bytes {
        // Text, numbers and what was JSON before: it always serializes.
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Something that every replica should know of a session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SessionFact {
    /// It has ended.
    Ended,
    /// Its client is ready.
    Initialized,
    LogLevel(LogLevel),
    Subscribed(String),
    /// Its standing stream is read on this replica.
    StandsAt(String),
}

impl SessionFact {
    /// The name it goes by. Facts that replace each other have the same one.
    pub(crate) fn key(&self, session: SessionKey) -> String {
        match self {
            Self::Ended => format!("ended:{session}"),
            Self::Initialized => format!("initialized:{session}"),
            Self::LogLevel(_) => format!("level:{session}"),
            Self::StandsAt(_) => format!("stands:{session}"),
            Self::Subscribed(uri) => {
                // A URI may be longer than a key.
                let digest = digest(&SHA256, uri.as_bytes());
                let digest = digest.as_ref().first_chunk().copied().unwrap_or_default();
                format!("uri:{session}:{:032x}", u128::from_be_bytes(digest))
            }
        }
    }

    pub(super) fn value(&self) -> Bytes {
        match self {
            Self::Ended | Self::Initialized => Bytes::new(),
            Self::LogLevel(level) => serde_json::to_vec(level).unwrap_or_default().into(),
            Self::StandsAt(replica) => replica.clone().into(),
            Self::Subscribed(uri) => uri.clone().into(),
        }
    }

    /// The session that a fact of this name is about, and the fact.
    pub(super) fn read(key: &str, value: &[u8]) -> Option<(SessionKey, Self)> {
        let (kind, rest) = key.split_once(':')?;
        let text = || std::str::from_utf8(value).ok().map(str::to_owned);
        let fact = match kind {
            "ended" => Self::Ended,
            "initialized" => Self::Initialized,
            // A forgotten fact has no value.
            "level" if value.is_empty() => Self::LogLevel(LogLevel::Info),
            "level" => Self::LogLevel(serde_json::from_slice(value).ok()?),
            "stands" => Self::StandsAt(text()?),
            "uri" => Self::Subscribed(text()?),
            _ => return None,
        };
        let session = rest.split(':').next()?;
        Some((session.parse().ok()?, fact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_survive_a_journey() {
        let session: SessionKey = "00070000000000000000000000000000002a".parse().unwrap();
        for fact in [
            SessionFact::Ended,
            SessionFact::Initialized,
            SessionFact::LogLevel(LogLevel::Alert),
            SessionFact::Subscribed("notes://1?a:b".to_owned()),
            SessionFact::StandsAt("0123456789abcdef".to_owned()),
        ] {
            let read = SessionFact::read(&fact.key(session), &fact.value());
            assert_eq!(read, Some((session, fact)));
        }
        for key in ["", "level", "level:", "level:zz", "other:0"] {
            assert_eq!(SessionFact::read(key, b"x"), None, "{key}");
        }
    }
}
