//! A name and a secret.

use super::Digest;
use mcp_tower::{
    auth::{ApiKeys, Identity, Token, TokenError, TokenValidator},
    core::BoxFuture,
};

/// Knows one name with one secret, which are compared like keys: as digests, and in constant time.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    names: ApiKeys,
    secrets: ApiKeys,
}

impl Pair {
    pub(super) fn new(name: &str, secret_sha256: &str, identity: &Identity) -> Self {
        Self {
            names: one_key(&Digest::of(name).to_string(), identity),
            secrets: one_key(secret_sha256, identity),
        }
    }

    pub(super) async fn check(&self, name: &str, secret: &str) -> Result<Identity, TokenError> {
        // Both always: how long it takes says nothing about which one it was.
        let name = self.names.validate(Token::new(name)).await;
        let secret = self.secrets.validate(Token::new(secret)).await;
        name.and(secret)
    }
}

/// Of `name:secret`, as `Basic` has it.
impl TokenValidator for Pair {
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>> {
        let (name, secret) = token.expose().split_once(':').unwrap_or_default();
        Box::pin(self.check(name, secret))
    }
}

/// A design has digests only. Without keys, nobody gets in.
pub(super) fn one_key(sha256: &str, identity: &Identity) -> ApiKeys {
    let keys = ApiKeys::new().with_key(sha256, identity.clone());
    keys.unwrap_or_default()
}
