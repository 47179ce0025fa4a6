//! What the platform does not do.

use crate::{
    design::DesignFaults,
    store::{Problem, StoreError},
};
use std::fmt;

/// Why something was not done. No variant holds a secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum PlatformError {
    /// There is no such server, or no such part of it.
    NotFound,
    /// It is there already, there is no room for it, or it is not in the right state.
    Conflict(String),
    /// The design is wrong.
    Invalid(DesignFaults),
    /// It can be done later, when others have ended what they do.
    Busy(String),
    /// The store failed: it keeps what was there before, or what was to be there.
    Store(StoreError),
}

impl PlatformError {
    /// What is told to whoever asked for it. What the store says may name files, which are for whoever
    /// runs the process: it goes to the log.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Store(error) => {
                tracing::error!(%error, "the store has failed");
                "the store has failed: what is stored is the old version or the new one".to_owned()
            }
            other => other.to_string(),
        }
    }

    /// Nothing takes the place of a document that is broken: somebody may be mending it.
    pub(crate) fn broken(problem: &Problem) -> Self {
        let Problem { id, reason, .. } = problem;
        Self::Conflict(format!(
            "what is stored as {id} is broken, mend or delete it: {reason}"
        ))
    }
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such thing"),
            Self::Conflict(reason) | Self::Busy(reason) => f.write_str(reason),
            Self::Invalid(faults) => faults.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PlatformError {}

impl From<DesignFaults> for PlatformError {
    fn from(faults: DesignFaults) -> Self {
        Self::Invalid(faults)
    }
}

impl From<StoreError> for PlatformError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
