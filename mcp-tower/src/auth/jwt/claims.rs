//! What a verified token says, and whether that is for us and good now.

use crate::auth::{Identity, TokenError};
use mcp_core::{Principal, Scopes};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

#[derive(Deserialize)]
#[serde(untagged)]
pub(in crate::auth) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Seconds since 1970, maybe with a fraction (`NumericDate` of RFC 7519).
#[derive(Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(in crate::auth) struct Date(f64);

impl OneOrMany {
    pub(in crate::auth) fn has(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }

    pub(in crate::auth) fn scopes(&self) -> Result<Scopes, TokenError> {
        match self {
            Self::One(text) => Scopes::parse(text)
                .map_err(|_| TokenError::invalid("the scopes of the token cannot be read")),
            Self::Many(names) => Ok(names.iter().collect()),
        }
    }
}

impl Date {
    pub(in crate::auth) fn time(self) -> Option<SystemTime> {
        let since = Duration::try_from_secs_f64(self.0).ok()?;
        UNIX_EPOCH.checked_add(since)
    }
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
pub(in crate::auth) fn within(
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
