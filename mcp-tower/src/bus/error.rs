//! What a bus fails with.

use mcp_core::BoxError;
use std::{error::Error, fmt};

/// Why a bus did not do what it should.
///
/// The text and the source are for the log. Neither holds a message, nor what is needed to log in
/// to the medium.
#[derive(Debug)]
pub struct BusError {
    kind: BusErrorKind,
    what: &'static str,
    source: Option<BoxError>,
}

/// The kinds of [`BusError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BusErrorKind {
    /// The medium does not answer, or not as it should. It may have done what it was asked.
    Unavailable,
    /// No replica listens under that id.
    Unreachable,
    /// There is no log of that name, or no longer.
    Unknown,
    /// A limit on how much is kept is reached.
    Full,
    /// One message, key, value or entry is larger than allowed.
    TooLarge,
    /// What the bus was told about its medium makes no sense.
    Misconfigured,
}

impl BusError {
    const fn new(kind: BusErrorKind, what: &'static str) -> Self {
        Self {
            kind,
            what,
            source: None,
        }
    }

    /// The medium does not answer, or not as it should.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(BusErrorKind::Unavailable, "the bus is unavailable")
        }
    }

    /// No replica listens under that id.
    pub const fn unreachable() -> Self {
        Self::new(
            BusErrorKind::Unreachable,
            "no replica listens under that id",
        )
    }

    /// There is no log of that name, or no longer.
    pub const fn unknown() -> Self {
        Self::new(BusErrorKind::Unknown, "there is no such log")
    }

    /// A limit on how much is kept is reached; `what` says which.
    pub const fn full(what: &'static str) -> Self {
        Self::new(BusErrorKind::Full, what)
    }

    /// Something is larger than allowed; `what` says which.
    pub const fn too_large(what: &'static str) -> Self {
        Self::new(BusErrorKind::TooLarge, what)
    }

    /// What the bus was told about its medium makes no sense; `what` says why.
    pub const fn misconfigured(what: &'static str) -> Self {
        Self::new(BusErrorKind::Misconfigured, what)
    }

    /// What kind of error it is.
    pub const fn kind(&self) -> BusErrorKind {
        self.kind
    }
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl Error for BusError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
