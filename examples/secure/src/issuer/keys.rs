//! Keys that sign access tokens, and the document that publishes them.

use super::{error::OAuthError, secret};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    error::Unspecified,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The newest key signs; older ones are published until the last token they signed has expired.
pub(super) struct Keys {
    /// Never empty; the newest one is last.
    keys: RwLock<Vec<Key>>,
    /// Seconds after which a new key takes over.
    rotate_after: u64,
    /// Seconds that a key is published after that.
    keep_for: u64,
}

struct Key {
    id: String,
    pair: EcdsaKeyPair,
    made: u64,
    /// Set when a newer key has taken over.
    replaced: Option<u64>,
}

/// More keys than this are never published: a rotation gives up the oldest one.
const MOST: usize = 8;

impl Keys {
    pub(super) fn new(now: u64, rotate_after: u64, keep_for: u64) -> Result<Self, OAuthError> {
        Ok(Self {
            keys: RwLock::new(vec![Key::generate(now)?]),
            rotate_after,
            keep_for,
        })
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Key>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Key>> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// A JSON Web Token (RFC 7519) of the kind that RFC 9068 describes.
    pub(super) fn sign(&self, now: u64, claims: &impl Serialize) -> Result<String, OAuthError> {
        let due = |key: &Key| now >= key.made.saturating_add(self.rotate_after);
        if self.read().last().is_some_and(due) {
            self.rotate(now)?;
        }
        let keys = self.read();
        let key = keys.last().ok_or(Unspecified)?;
        let header = json!({"typ": "at+jwt", "alg": "ES256", "kid": key.id});
        let mut token = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        let signature = key.pair.sign(&SystemRandom::new(), token.as_bytes())?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Makes a new key and forgets those that nobody needs any more.
    pub(super) fn rotate(&self, now: u64) -> Result<(), OAuthError> {
        let key = Key::generate(now)?;
        let mut keys = self.write();
        if let Some(last) = keys.last_mut() {
            last.replaced = Some(now);
        }
        keys.retain(|key| self.is_published(key, now));
        let surplus = (keys.len() + 1).saturating_sub(MOST);
        keys.drain(..surplus);
        keys.push(key);
        Ok(())
    }

    fn is_published(&self, key: &Key, now: u64) -> bool {
        key.replaced
            .is_none_or(|replaced| now < replaced.saturating_add(self.keep_for))
    }

    /// The JSON Web Key Set (RFC 7517).
    pub(super) fn document(&self, now: u64) -> Value {
        let keys = self.read();
        let published = keys.iter().filter(|key| self.is_published(key, now));
        json!({"keys": published.map(Key::public).collect::<Vec<_>>()})
    }
}

impl Key {
    fn generate(now: u64) -> Result<Self, OAuthError> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random)?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random)
            .map_err(|_| Unspecified)?;
        Ok(Self {
            id: secret::name()?,
            pair,
            made: now,
            replaced: None,
        })
    }

    fn public(&self) -> Value {
        // An uncompressed point: a byte that says so, then both coordinates.
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": BASE64_URL_SAFE_NO_PAD.encode(x), "y": BASE64_URL_SAFE_NO_PAD.encode(y),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(keys: &Keys, now: u64) -> Vec<String> {
        let document = keys.document(now);
        let keys = document["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn old_keys_stay_while_their_tokens_live() {
        let keys = Keys::new(0, 100, 50).unwrap();
        keys.sign(99, &json!({})).unwrap();
        let first = ids(&keys, 99);
        assert_eq!(first.len(), 1);
        keys.sign(100, &json!({})).unwrap();
        assert_eq!(ids(&keys, 149).len(), 2);
        let second = ids(&keys, 150);
        assert_eq!(second.len(), 1);
        assert_ne!(first, second);
    }

    #[test]
    fn rotating_without_end_keeps_few_keys() {
        let keys = Keys::new(0, 100, 50).unwrap();
        for _ in 0..3 * MOST {
            keys.rotate(1).unwrap();
        }
        assert_eq!(ids(&keys, 1).len(), MOST);
    }
}
