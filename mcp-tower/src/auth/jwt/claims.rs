//! What a verified token says, and whether that is for us and good now.
//!
//! The validation of `jsonwebtoken` is not used. It can be had only with verification by the
//! provider of the process, which may panic (see `key_set.rs`), and it is laxer than the standards
//! where it matters here: several issuers in one `iss` will do, an empty `sub` is one, and a
//! token is still good in the second in which it expires.

use crate::auth::{
    Identity, TokenError,
    claims::{Date, OneOrMany},
};
use mcp_core::{Principal, Scopes};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::{Duration, SystemTime};

/// What is asked of claims.
#[derive(Clone, Debug)]
pub(super) struct Checks {
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) leeway: Duration,
}

/// The claims that are checked. One of another type than it must have is an error, never the same
/// as one that is missing; so is one that is there twice.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: Date,
    nbf: Option<Date>,
    scope: Option<OneOrMany>,
    /// How some issuers spell `scope`.
    scp: Option<OneOrMany>,
}

impl Checks {
    pub(super) fn check(&self, claims: &[u8], now: SystemTime) -> Result<Identity, TokenError> {
        let unreadable = |_| TokenError::invalid("a claim is missing or cannot be read");
        let known: Claims = serde_json::from_slice(claims).map_err(unreadable)?;
        if known.iss != self.issuer {
            return Err(TokenError::invalid("the token is of another issuer"));
        }
        if !self.audiences.iter().any(|ours| known.aud.has(ours)) {
            return Err(TokenError::invalid("the token is for another audience"));
        }
        if known.sub.is_empty() {
            return Err(TokenError::invalid("the token has no subject"));
        }
        let expiry = within(known.exp, known.nbf, self.leeway, now)?;
        let scopes = match known.scope.or(known.scp) {
            Some(scopes) => scopes.scopes()?,
            None => Scopes::none(),
        };
        let all: Map<String, Value> = serde_json::from_slice(claims).map_err(unreadable)?;
        let principal = Principal::new(known.iss, known.sub);
        let identity = Identity::new(principal).with_scopes(scopes);
        Ok(identity.with_expiry(expiry).with_claims(all))
    }
}

/// The expiry, if it is not over and the beginning is.
fn within(
    expiry: Date,
    beginning: Option<Date>,
    leeway: Duration,
    now: SystemTime,
) -> Result<SystemTime, TokenError> {
    const BAD_TIME: TokenError = TokenError::invalid("a time in the token makes no sense");
    let expiry = expiry.time().ok_or(BAD_TIME)?;
    // The first moment at which it is no longer good; if there is no such moment, it never ends.
    if expiry.checked_add(leeway).is_some_and(|end| now >= end) {
        return Err(TokenError::invalid("the token is expired"));
    }
    if let Some(beginning) = beginning {
        let beginning = beginning.time().ok_or(BAD_TIME)?;
        if now.checked_add(leeway).is_some_and(|now| now < beginning) {
            return Err(TokenError::invalid("the token is not good yet"));
        }
    }
    Ok(expiry)
}
