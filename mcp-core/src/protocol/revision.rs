//! The released revisions of the protocol and the two eras they fall into.
//!
//! This is the only file that spells out dates.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a client and a server relate to each other.
///
/// See "Versioning" in the 2026-07-28 specification, which names both eras.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Era {
    /// `initialize`, an optional session, server-to-client requests on streams.
    Legacy,
    /// Every request is self-contained; metadata travels in `_meta`.
    Modern,
}

/// A released revision of the Model Context Protocol, oldest first.
///
/// ```
/// use mcp_core::protocol::{Era, Revision};
///
/// let revision: Revision = "2025-06-18".parse()?;
/// assert_eq!(revision.era(), Era::Legacy);
/// assert!(revision < Revision::NEWEST_MODERN);
/// # Ok::<(), mcp_core::protocol::UnknownRevision>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Revision {
    /// The first release: HTTP+SSE and stdio.
    #[serde(rename = "2024-11-05")]
    V2024_11_05,
    /// Streamable HTTP, batches, audio, annotations.
    #[serde(rename = "2025-03-26")]
    V2025_03_26,
    /// Structured output, elicitation, resource links, the version header.
    #[serde(rename = "2025-06-18")]
    V2025_06_18,
    /// Icons, URL elicitation, sampling with tools, experimental tasks.
    #[serde(rename = "2025-11-25")]
    V2025_11_25,
    /// Stateless requests, `server/discover`, multi-round input.
    #[serde(rename = "2026-07-28")]
    V2026_07_28,
}

impl Revision {
    /// The newest revision that a handshake may agree on.
    pub const NEWEST_LEGACY: Self = Self::V2025_11_25;
    /// The newest revision that is claimed per request.
    pub const NEWEST_MODERN: Self = Self::V2026_07_28;
    /// What a legacy HTTP request speaks that names no version (2025-06-18, "Protocol Version Header").
    pub const ASSUMED: Self = Self::V2025_03_26;
    /// Revisions agreed on by `initialize`, newest first.
    pub const LEGACY: [Self; 4] = [
        Self::V2025_11_25,
        Self::V2025_06_18,
        Self::V2025_03_26,
        Self::V2024_11_05,
    ];
    /// Revisions claimed by each request, newest first.
    pub const MODERN: [Self; 1] = [Self::V2026_07_28];
    /// How many revisions there are; caches that hold one entry for each are this long.
    pub const COUNT: usize = Self::LEGACY.len() + Self::MODERN.len();

    /// The date that names the revision on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The era the revision belongs to.
    pub const fn era(self) -> Era {
        match self {
            Self::V2024_11_05 | Self::V2025_03_26 | Self::V2025_06_18 | Self::V2025_11_25 => {
                Era::Legacy
            }
            Self::V2026_07_28 => Era::Modern,
        }
    }

    /// What `initialize` answers to a client that asks for `requested`.
    ///
    /// A legacy version is echoed; anything else, a modern version included, is answered with the
    /// newest legacy one and never with an error.
    pub fn negotiate(requested: &str) -> Self {
        requested
            .parse()
            .ok()
            .filter(|revision: &Self| revision.era() == Era::Legacy)
            .unwrap_or(Self::NEWEST_LEGACY)
    }

    /// The position in [`COUNT`](Self::COUNT)-sized caches.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Revision {
    type Err = UnknownRevision;

    fn from_str(text: &str) -> Result<Self, UnknownRevision> {
        Self::MODERN
            .into_iter()
            .chain(Self::LEGACY)
            .find(|revision| revision.as_str() == text)
            .ok_or(UnknownRevision)
    }
}

/// The text names no released revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRevision;

impl fmt::Display for UnknownRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown protocol revision")
    }
}

impl std::error::Error for UnknownRevision {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshakes_never_offer_a_modern_revision() {
        for requested in ["2026-07-28", "1999-01-01", "", "2025-11-25"] {
            assert_eq!(Revision::negotiate(requested), Revision::NEWEST_LEGACY);
        }
        assert_eq!(Revision::negotiate("2024-11-05"), Revision::V2024_11_05);
    }

    #[test]
    fn the_lists_are_disjoint_and_complete() {
        for revision in Revision::LEGACY {
            assert_eq!(revision.era(), Era::Legacy);
        }
        for revision in Revision::MODERN {
            assert_eq!(revision.era(), Era::Modern);
        }
        assert_eq!(Revision::NEWEST_MODERN.index() + 1, Revision::COUNT);
    }
}
