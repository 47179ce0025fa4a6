//! Values that claims of tokens have, and answers about tokens.

use super::TokenError;
use mcp_core::Scopes;
use serde::Deserialize;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Seconds since 1970, maybe with a fraction (`NumericDate` of RFC 7519).
#[derive(Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct Date(f64);

impl OneOrMany {
    pub(super) fn has(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }

    pub(super) fn scopes(&self) -> Result<Scopes, TokenError> {
        match self {
            Self::One(text) => Scopes::parse(text)
                .map_err(|_| TokenError::invalid("the scopes of the token cannot be read")),
            Self::Many(names) => Ok(names.iter().collect()),
        }
    }
}

impl Date {
    pub(super) fn time(self) -> Option<SystemTime> {
        let since = Duration::try_from_secs_f64(self.0).ok()?;
        UNIX_EPOCH.checked_add(since)
    }
}
