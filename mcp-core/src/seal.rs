//! Values that leave this process and come back: sealed, so that nobody else can read, make or
//! change them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use std::{fmt, sync::Arc};

/// The keys that values are sealed with: one to seal, and older ones that still open.
///
/// Replicas that share a ring can continue each other's calls. To rotate, put the new key first and
/// keep the old one until everything sealed with it has expired:
///
/// ```
/// use mcp_core::KeyRing;
///
/// let (old, new) = ([1; 32], [2; 32]); // from the configuration, 32 random bytes each
/// let ring = KeyRing::new(new).with_previous(old);
/// # let _ = ring;
/// ```
///
/// Values are sealed with AES-256-GCM under random nonces; one key is good for 2³² of them.
/// `Debug` shows no key.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<[LessSafeKey]>,
}

/// There is no source of randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the system gives no random bytes")
    }
}

impl std::error::Error for NoRandomness {}

/// Random bytes from the system.
///
/// # Errors
/// When the system has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(bytes)
}

const VERSION: u8 = 1;

impl KeyRing {
    /// A ring of one key.
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            keys: [cipher(key)].into_iter().flatten().collect(),
        }
    }

    /// A ring of one random key: what it seals, only this process opens.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random() -> Result<Self, NoRandomness> {
        random().map(Self::new)
    }

    /// Adds an older key, which opens and does not seal.
    #[must_use]
    pub fn with_previous(self, key: [u8; 32]) -> Self {
        let keys = self.keys.iter().cloned().chain(cipher(key));
        Self {
            keys: keys.collect(),
        }
    }

    /// Seals `plain` for one purpose, bound to something that must be the same when it is opened.
    /// The token is URL-safe Base64, 29 bytes longer than `plain` before that.
    ///
    /// ```
    /// let ring = mcp_core::KeyRing::new([7; 32]);
    /// let token = ring.seal("example", b"ada", b"secret")?;
    /// assert_eq!(ring.open("example", b"ada", &token).as_deref(), Some(&b"secret"[..]));
    /// assert_eq!(ring.open("example", b"bob", &token), None);
    /// # Ok::<(), mcp_core::NoRandomness>(())
    /// ```
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn seal(&self, purpose: &str, bound: &[u8], plain: &[u8]) -> Result<String, NoRandomness> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let key = self.keys.first().ok_or(NoRandomness)?;
        let mut sealed = plain.to_vec();
        let nonce_once = Nonce::assume_unique_for_key(nonce);
        let seal = |context: &[u8]| {
            key.seal_in_place_append_tag(nonce_once, Aad::from(context), &mut sealed)
        };
        with_context(purpose, bound, seal).map_err(|_| NoRandomness)?;
        let token = [&[VERSION], nonce.as_slice(), &sealed].concat();
        Ok(URL_SAFE_NO_PAD.encode(token))
    }

    /// Opens a token; `None` for anything that was not sealed with a key of this ring, for this
    /// purpose, bound to this.
    pub fn open(&self, purpose: &str, bound: &[u8], token: &str) -> Option<Vec<u8>> {
        const HEAD: usize = 1 + NONCE_LEN;
        let mut token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (version, rest) = token.split_first()?;
        let nonce: [u8; NONCE_LEN] = *rest.first_chunk()?;
        if *version != VERSION {
            return None;
        }
        let open = |key: &LessSafeKey, token: &mut Vec<u8>| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            let sealed = token.get_mut(HEAD..)?;
            let open = |context: &[u8]| {
                let plain = key.open_in_place(nonce, Aad::from(context), sealed);
                plain.map(|plain| plain.len())
            };
            let length = with_context(purpose, bound, open).ok()?;
            token.drain(..HEAD);
            token.truncate(length);
            Some(())
        };
        // A key that does not fit spoils what it was tried on: the last one gets the original.
        let (last, others) = self.keys.split_last()?;
        for key in others {
            let mut copy = token.clone();
            if open(key, &mut copy).is_some() {
                return Some(copy);
            }
        }
        open(last, &mut token)?;
        Some(token)
    }
}

fn cipher(key: [u8; 32]) -> Option<LessSafeKey> {
    // 32 bytes are what the algorithm wants.
    UnboundKey::new(&AES_256_GCM, &key)
        .ok()
        .map(LessSafeKey::new)
}

/// What a token is bound to, in one piece: without an allocation as long as it is short, since
/// every message of a session opens one.
fn with_context<T>(purpose: &str, bound: &[u8], run: impl FnOnce(&[u8]) -> T) -> T {
    let parts = [purpose.as_bytes(), &[0], bound];
    let mut short = [0; 256];
    let mut at = 0;
    for part in parts {
        match short.get_mut(at..at + part.len()) {
            Some(place) => place.copy_from_slice(part),
            None => return run(&parts.concat()),
        }
        at += part.len();
    }
    run(&short[..at])
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} keys)", self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_same_purpose_and_binding_open() {
        let ring = KeyRing::new([7; 32]);
        let token = ring.seal("state", b"ada", b"secret").unwrap();
        assert_eq!(ring.open("state", b"ada", &token).unwrap(), b"secret");
        assert!(ring.open("session", b"ada", &token).is_none());
        assert!(ring.open("state", b"bob", &token).is_none());
        assert!(
            KeyRing::new([8; 32])
                .open("state", b"ada", &token)
                .is_none()
        );
        assert!(ring.open("state", b"ada", &format!("{token}A")).is_none());
        assert_ne!(token, ring.seal("state", b"ada", b"secret").unwrap());
        assert_eq!(format!("{ring:?}"), "KeyRing(1 keys)");
    }

    #[test]
    fn an_older_key_still_opens() {
        let old = KeyRing::new([1; 32]);
        let token = old.seal("state", b"", b"x").unwrap();
        let rotated = KeyRing::new([2; 32]).with_previous([1; 32]);
        assert!(rotated.open("state", b"", &token).is_some());
        let token = rotated.seal("state", b"", b"x").unwrap();
        assert!(old.open("state", b"", &token).is_none());
    }

    #[test]
    fn a_binding_may_be_long() {
        let ring = KeyRing::new([7; 32]);
        for length in [0, 200, 249, 250, 251, 300, 5000] {
            let bound = vec![b'b'; length];
            let token = ring.seal("state", &bound, b"x").unwrap();
            assert_eq!(ring.open("state", &bound, &token).unwrap(), b"x");
            assert!(
                ring.open("state", &[bound, vec![b'b']].concat(), &token)
                    .is_none()
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_else_opens(token in "[A-Za-z0-9_-]{0,120}") {
            prop_assert!(KeyRing::new([7; 32]).open("state", b"", &token).is_none());
        }
    }
}
