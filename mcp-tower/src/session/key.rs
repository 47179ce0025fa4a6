//! Whose a session is, and the keys of what is alive in it.

use mcp_core::{Mount, Principal};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::{fmt, num::ParseIntError, str::FromStr};

/// Whose a session is. There is no way to open one, or to look at what is alive in it, without
/// saying so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    principal: Principal,
    mount: Mount,
}

impl Owner {
    pub(crate) fn new(principal: Principal, mount: Mount) -> Self {
        Self { principal, mount }
    }

    pub(super) fn parts(&self) -> (&Principal, &Mount) {
        (&self.principal, &self.mount)
    }

    /// The owner as bytes that no other owner has.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let (issuer, subject) = (self.principal.issuer(), self.principal.subject());
        let parts = [
            self.mount.as_str(),
            issuer.unwrap_or_default(),
            subject.unwrap_or_default(),
        ];
        let length: usize = parts.iter().map(|part| part.len() + 8).sum();
        let mut bytes = Vec::with_capacity(length + 1);
        bytes.push(u8::from(issuer.is_some()));
        for part in parts {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

/// The random part of a session id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionId(pub(crate) [u8; 16]);

impl SessionId {
    /// Spreads sessions over the places of a table, without a look at their owners.
    pub(super) fn place(self) -> Place {
        let [a, b, ..] = self.0;
        Place(u16::from_be_bytes([a, b]))
    }
}

/// Where in a table a session would be, if anything is alive in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Place(pub(super) u16);

/// Names a session among those of all owners: a digest of owner and id, so that neither can be
/// left out. What replicas tell each other names sessions by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct SessionKey {
    pub(super) place: Place,
    digest: u128,
}

impl SessionKey {
    pub(crate) fn new(owner: &Owner, id: SessionId) -> Self {
        let mut bytes = owner.bytes();
        bytes.extend(id.0);
        let digest = digest(&SHA256, &bytes);
        let digest = digest.as_ref().first_chunk().copied().unwrap_or_default();
        Self {
            place: id.place(),
            digest: u128::from_be_bytes(digest),
        }
    }
}

/// For the names of facts; [`FromStr`] reads it.
impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}{:032x}", self.place.0, self.digest)
    }
}

impl FromStr for SessionKey {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (place, digest) = text.split_at_checked(4).unwrap_or_default();
        Ok(Self {
            place: Place(u16::from_str_radix(place, 16)?),
            digest: u128::from_str_radix(digest, 16)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_owner_counts() {
        let owners = [
            Owner::new(Principal::Anonymous, Mount::unnamed()),
            Owner::new(Principal::new("", ""), Mount::unnamed()),
            Owner::new(Principal::new("a", "b"), Mount::unnamed()),
            Owner::new(Principal::new("ab", ""), Mount::unnamed()),
            Owner::new(Principal::new("", "ab"), Mount::unnamed()),
            Owner::new(Principal::Anonymous, Mount::new("ab")),
        ];
        let id = SessionId([7; 16]);
        for (at, one) in owners.iter().enumerate() {
            for other in &owners[at + 1..] {
                assert_ne!(one.bytes(), other.bytes());
                assert_ne!(SessionKey::new(one, id), SessionKey::new(other, id));
            }
        }
    }

    #[test]
    fn a_key_survives_a_journey() {
        let owner = Owner::new(Principal::new("a", "b"), Mount::new("c"));
        let key = SessionKey::new(&owner, SessionId([9; 16]));
        assert_eq!(key.to_string().parse(), Ok(key));
        assert!("zz".parse::<SessionKey>().is_err());
    }
}
