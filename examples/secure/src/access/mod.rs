//! Who may call `/mcp`: whoever has a token of the issuer, for this resource, whose grant lasts.

mod ending;
mod rates;

pub(crate) use ending::until_its_grant_ends;
pub use rates::Rates;

use crate::{Issuer, issuer::DEFAULT_SCOPE};
use mcp_tower::{
    auth::{
        Auth, CachedKeys, Identity, JwtValidator, KeySource, ResourceMetadata, Token, TokenError,
        TokenValidator,
    },
    core::{BoxError, BoxFuture, Scopes},
};
use std::{io, time::Duration};

/// The resource server's part of authorization.
pub(crate) fn auth(issuer: &Issuer, resource: &str) -> io::Result<Auth> {
    let metadata = ResourceMetadata::new(resource, [issuer.url()])
        .map_err(io::Error::other)?
        .with_scopes([DEFAULT_SCOPE].into_iter().collect())
        .with_name("Notes");
    // The issuer is next door: its keys are fetched without a request, as often as one is new.
    let keys = CachedKeys::new(Keys(issuer.clone()))
        .ttl(Duration::from_secs(60))
        .cooldown(Duration::ZERO);
    let tokens = JwtValidator::new(issuer.url(), metadata.resource(), keys).strict_type();
    let validator = Granted {
        tokens,
        issuer: issuer.clone(),
    };
    Ok(Auth::new(validator, metadata).expand_scopes(implied))
}

/// Who may write may read, and an administrator may do everything.
fn implied(granted: &Scopes) -> Scopes {
    let admin = granted.contains("admin").then_some("notes:write");
    let writer = admin.is_some() || granted.contains("notes:write");
    let reader = writer.then_some(DEFAULT_SCOPE);
    granted.iter().chain(admin).chain(reader).collect()
}

struct Keys(Issuer);

impl KeySource for Keys {
    async fn fetch(&self) -> Result<bytes::Bytes, BoxError> {
        Ok(serde_json::to_vec(&self.0.key_set())?.into())
    }
}

/// Accepts a token as long as what it came from has not been revoked. A resource server elsewhere
/// would ask its issuer (RFC 7662), or accept that tokens outlive their grant by some minutes.
struct Granted {
    tokens: JwtValidator,
    issuer: Issuer,
}

impl TokenValidator for Granted {
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>> {
        Box::pin(async move {
            let identity = self.tokens.validate(token).await?;
            let grant = identity.claim("grant").and_then(|grant| grant.as_str());
            match grant.and_then(|grant| self.issuer.watch(grant)) {
                Some(_) => Ok(identity),
                None => Err(TokenError::invalid("its grant has ended")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_imply_lesser_ones() {
        for (granted, all) in [
            ("admin", "admin notes:read notes:write"),
            ("notes:write", "notes:read notes:write"),
            ("notes:read", "notes:read"),
            ("", ""),
        ] {
            assert_eq!(implied(&granted.parse().unwrap()).to_string(), all);
        }
    }
}
