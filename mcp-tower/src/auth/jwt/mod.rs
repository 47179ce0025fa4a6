//! Access tokens that are JSON Web Tokens (RFC 7519, RFC 9068), read and verified by `jsonwebtoken`.

mod algorithm;
mod cached_keys;
mod claims;
mod http_keys;
mod key_set;
#[cfg(test)]
mod tests;
mod token;

pub use algorithm::Algorithm;
pub use cached_keys::CachedKeys;
pub use http_keys::HttpKeys;
pub use key_set::{InvalidKeySet, KeySet, KeySource};

use super::{Identity, Token, TokenError, TokenValidator};
use claims::Checks;
use mcp_core::BoxFuture;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use token::Compact;

/// Checks access tokens that are JSON Web Tokens: signature, issuer, **audience** and time.
///
/// ```
/// use mcp_tower::auth::{CachedKeys, HttpClient, HttpKeys, JwtValidator};
///
/// # fn of(client: HttpClient) -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = "https://login.example.com";
/// let keys = CachedKeys::new(HttpKeys::discover(client, issuer)?);
/// let validator = JwtValidator::new(issuer, "https://example.com/mcp", keys);
/// # let _ = validator; Ok(())
/// # }
/// ```
///
/// A token has to name the issuer (`iss`), a subject (`sub`), the audience among its `aud`, and
/// when it expires (`exp`); before `nbf` it is not good. Clocks may differ by a minute. Scopes are
/// read from `scope`, or from `scp`. The principal is issuer and subject.
///
/// Only asymmetric [`Algorithm`]s are known, and a key is used only with one that it is for; keys
/// inside a token or behind a URL in it are never looked at. Encrypted and nested tokens, and those
/// with critical extensions, are refused; so are those whose header has a member that is not
/// registered and no text.
///
/// Tokens are read and verified by the crate `jsonwebtoken`, with its cryptography in Rust. That
/// crate also keeps a provider of cryptography for the whole process: it is not asked here and not
/// installed, so an application that uses the crate with another one goes on to do so.
#[derive(Clone, Debug)]
pub struct JwtValidator {
    checks: Checks,
    algorithms: Arc<[Algorithm]>,
    strict_type: bool,
    keys: Keys,
}

/// Where [`JwtValidator`] takes keys from: a [`KeySet`] that does not change, or [`CachedKeys`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Keys {
    /// These, for ever.
    Fixed(Arc<KeySet>),
    /// Fetched and cached.
    Cached(CachedKeys),
}

impl From<KeySet> for Keys {
    fn from(keys: KeySet) -> Self {
        Self::Fixed(Arc::new(keys))
    }
}

impl From<CachedKeys> for Keys {
    fn from(keys: CachedKeys) -> Self {
        Self::Cached(keys)
    }
}

impl JwtValidator {
    /// Accepts tokens that this issuer made for this audience, usually
    /// [`ResourceMetadata::resource`](super::ResourceMetadata::resource). Both are compared as
    /// they are written.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: impl Into<Keys>,
    ) -> Self {
        Self {
            checks: Checks {
                issuer: issuer.into(),
                audiences: vec![audience.into()],
                leeway: Duration::from_secs(60),
            },
            algorithms: Algorithm::ALL.into(),
            strict_type: false,
            keys: keys.into(),
        }
    }

    /// Accepts tokens for another audience too: a name that the endpoint had before, for example.
    #[must_use]
    pub fn also_for(mut self, audience: impl Into<String>) -> Self {
        self.checks.audiences.push(audience.into());
        self
    }

    /// Accepts these algorithms only.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// How much clocks may differ; a minute unless said otherwise.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.checks.leeway = leeway;
        self
    }

    /// Accepts only tokens that call themselves access tokens (`typ` is `at+jwt`, RFC 9068).
    /// Otherwise those with `JWT` or without a `typ` will do; of another type are none.
    #[must_use]
    pub fn strict_type(mut self) -> Self {
        self.strict_type = true;
        self
    }

    async fn check(&self, token: Token<'_>) -> Result<Identity, TokenError> {
        let token = Compact::parse(token.expose())?;
        if !self.algorithms.contains(&token.algorithm) {
            return Err(TokenError::invalid("the token's algorithm is not allowed"));
        }
        if !token.is_access_token(self.strict_type) {
            return Err(TokenError::invalid("it is no access token"));
        }
        let claims = match &self.keys {
            Keys::Fixed(keys) => token.verify(keys),
            Keys::Cached(cached) => {
                let keys = cached.current().await?;
                match token.verify(&keys) {
                    // A new key, maybe.
                    None => match cached.newer_than(&keys).await {
                        Some(keys) => token.verify(&keys),
                        None => None,
                    },
                    known => known,
                }
            }
        };
        let claims = claims.ok_or(TokenError::invalid("the token's key is not known"))??;
        self.checks.check(&claims, SystemTime::now())
    }
}

impl TokenValidator for JwtValidator {
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>> {
        Box::pin(self.check(token))
    }
}
