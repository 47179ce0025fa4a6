//! One server or all of them: which calls there are, and how they are numbered.

use super::{CallLog, CallRecord, Followers, followers::FOLLOWED};
use crate::platform::Platform;
use std::sync::{Arc, atomic::Ordering};

/// Whose calls are followed.
pub(crate) enum Scope {
    /// Those of one server, numbered by their sequence.
    One(Arc<CallLog>),
    /// Those of all servers, numbered by their position.
    All(Platform),
}

impl Scope {
    pub(super) fn epoch(&self, followers: &Followers) -> u64 {
        match self {
            Self::One(log) => log.epoch,
            Self::All(_) => followers.epoch(),
        }
    }

    pub(super) fn last(&self, followers: &Followers) -> u64 {
        match self {
            Self::One(log) => log.last(),
            Self::All(_) => followers.last(),
        }
    }

    pub(super) fn number(&self, record: &CallRecord) -> u64 {
        match self {
            Self::One(_) => record.sequence,
            Self::All(_) => record.position,
        }
    }

    pub(super) fn has(&self, record: &CallRecord) -> bool {
        match self {
            Self::One(log) => log.epoch == record.log,
            Self::All(_) => true,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::One(log) => log.is_over.load(Ordering::Acquire),
            Self::All(_) => false,
        }
    }

    /// The next calls that are kept.
    pub(super) fn read(&self, after: u64, until: u64) -> Vec<Arc<CallRecord>> {
        match self {
            Self::One(log) => log.between(|call| call.sequence, after, until, FOLLOWED),
            Self::All(platform) => {
                let mut calls: Vec<_> = platform
                    .logs()
                    .iter()
                    .flat_map(|log| log.between(|call| call.position, after, until, FOLLOWED))
                    .collect();
                calls.sort_unstable_by_key(|call| call.position);
                calls.truncate(FOLLOWED);
                calls
            }
        }
    }
}
