//! Secrets: made at random, and kept as digests.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_tower::core::{NoRandomness, random};
use ring::digest::{SHA256, digest};
use std::fmt;

/// What is kept of a secret: SHA-256. It is shown in hexadecimal, as designs write it. To compare
/// digests tells nothing about how much of a guess was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    pub(crate) fn of(secret: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// 256 random bits as text that is fit for a header, a URL and a form.
pub(crate) fn secret() -> Result<String, NoRandomness> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_as_in_designs() {
        let foo = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        assert_eq!(Digest::of("foo").to_string(), foo);
        let (one, other) = (secret().unwrap(), secret().unwrap());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
    }
}
