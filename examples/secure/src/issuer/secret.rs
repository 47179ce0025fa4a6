//! Secrets of the issuer: made at random, and kept as digests.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_tower::core::{NoRandomness, random};
use ring::digest::{SHA256, digest};

/// What is kept of a secret. Comparing digests tells nothing about how much of a guess was right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(secret: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
        Self(bytes)
    }

    /// As PKCE writes it (RFC 7636 §4.2).
    pub(super) fn to_challenge(self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// 256 random bits as text: a code, a token, a secret.
pub(super) fn secret() -> Result<String, NoRandomness> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// 128 random bits as text: the name of something.
pub(super) fn name() -> Result<String, NoRandomness> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<16>()?))
}
