//! An issuer of tokens.

use crate::{ISSUER, RESOURCE};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

/// One signing key.
pub struct Issuer {
    pair: Ed25519KeyPair,
    id: String,
}

/// Claims of `ada` that are good for an hour.
pub fn claims() -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = now.as_secs();
    json!({
        "iss": ISSUER, "sub": "ada", "aud": RESOURCE, "scope": "notes:read",
        "iat": now, "exp": now + 3600,
    })
}

impl Issuer {
    /// A key by its id, from which it is made.
    pub fn new(id: &str) -> Self {
        let mut seed = [0; 32];
        seed[..id.len()].copy_from_slice(id.as_bytes());
        Self {
            pair: Ed25519KeyPair::from_seed_unchecked(&seed).unwrap(),
            id: id.to_owned(),
        }
    }

    /// The public key.
    pub fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.public());
        json!({"kty": "OKP", "crv": "Ed25519", "kid": self.id, "use": "sig", "x": x})
    }

    /// The public key's bytes.
    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Both halves of what is signed.
    pub fn message(header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", encode(header), encode(claims))
    }

    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let message = Self::message(header, claims);
        let signature = self.pair.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "kid": self.id, "typ": "at+jwt"});
        self.sign_with(&header, claims)
    }

    /// A good token of a subject.
    pub fn token(&self, subject: &str) -> String {
        let mut claims = claims();
        claims["sub"] = json!(subject);
        self.sign(&claims)
    }

    /// A good token whose claims differ in one member.
    pub fn token_with(&self, member: &str, value: Value) -> String {
        let mut claims = claims();
        claims[member] = value;
        self.sign(&claims)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("id", &self.id).finish()
    }
}
