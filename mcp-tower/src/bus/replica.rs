//! Names of replicas.

use mcp_core::{NoRandomness, random};
use std::{fmt, str::FromStr};

/// The name of one replica for as long as it runs: 64 random bits, written as 16 hexadecimal
/// digits.
///
/// ```
/// use mcp_tower::bus::ReplicaId;
///
/// let id = ReplicaId::random()?;
/// assert_eq!(id.to_string().parse(), Ok(id));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplicaId(u64);

impl ReplicaId {
    /// A name that no other replica has.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random() -> Result<Self, NoRandomness> {
        random().map(u64::from_be_bytes).map(Self)
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplicaId({self})")
    }
}

/// Reads only what `Display` writes.
impl FromStr for ReplicaId {
    type Err = InvalidReplicaId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 16 || !text.as_bytes().iter().all(digit) {
            return Err(InvalidReplicaId);
        }
        u64::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| InvalidReplicaId)
    }
}

/// A text that does not name a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidReplicaId;

impl fmt::Display for InvalidReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a replica is named by 16 hexadecimal digits")
    }
}

impl std::error::Error for InvalidReplicaId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_text_is_read() {
        assert_eq!("00000000000000ff".parse(), Ok(ReplicaId(255)));
        for text in [
            "",
            "ff",
            "00000000000000FF",
            "+0000000000000ff",
            "00000000000000ff0",
        ] {
            assert_eq!(text.parse::<ReplicaId>(), Err(InvalidReplicaId), "{text}");
        }
    }
}
