//! Tokens of one server, as long as they are good.

use crate::access::{Digest, secret};
use mcp_tower::{
    auth::{Identity, Token, TokenError, TokenValidator},
    core::{BoxFuture, NoRandomness},
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How many tokens of one server are good at once. When there are more, those go that would end
/// first: only a client that knows its secret gets any.
pub const MAX_TOKENS: usize = 256;

/// Opaque tokens, kept as digests, with the moment at which each ends. Cheap to clone.
#[derive(Clone)]
pub(in crate::access) struct Tokens(Arc<Inner>);

struct Inner {
    identity: Identity,
    ends: Mutex<HashMap<Digest, Instant>>,
}

impl Tokens {
    /// None yet; whoever holds one is this caller.
    pub(in crate::access) fn new(identity: Identity) -> Self {
        Self(Arc::new(Inner {
            identity,
            ends: Mutex::default(),
        }))
    }

    /// A new token, which is shown here and nowhere else.
    pub(super) fn issue(&self, now: Instant, time: Duration) -> Result<String, NoRandomness> {
        let token = secret()?;
        let mut ends = self.ends();
        if ends.len() >= MAX_TOKENS {
            ends.retain(|_, end| *end > now);
        }
        if ends.len() >= MAX_TOKENS {
            let first = ends.iter().min_by_key(|(_, end)| **end);
            if let Some(first) = first.map(|(first, _)| *first) {
                ends.remove(&first);
            }
        }
        ends.insert(Digest::of(&token), now + time);
        Ok(token)
    }

    fn is_good(&self, token: &str, now: Instant) -> bool {
        let end = self.ends().get(&Digest::of(token)).copied();
        end.is_some_and(|end| end > now)
    }

    fn ends(&self) -> MutexGuard<'_, HashMap<Digest, Instant>> {
        self.0.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenValidator for Tokens {
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>> {
        let found = match self.is_good(token.expose(), Instant::now()) {
            true => Ok(self.0.identity.clone()),
            false => Err(TokenError::invalid("the token is unknown, or has ended")),
        };
        Box::pin(async move { found })
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp_tower::Principal;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn tokens() -> Tokens {
        Tokens::new(Identity::new(Principal::new("tests", "client")))
    }

    #[test]
    fn a_token_ends() {
        let (tokens, now) = (tokens(), Instant::now());
        let token = tokens.issue(now, HOUR).unwrap();
        assert!(tokens.is_good(&token, now));
        let last = now + HOUR - Duration::from_nanos(1);
        assert!(tokens.is_good(&token, last));
        assert!(!tokens.is_good(&token, now + HOUR));
        assert!(!tokens.is_good(&token[1..], now));
        assert!(!super::tests::tokens().is_good(&token, now));
    }

    #[test]
    fn there_are_never_more_than_there_may_be() {
        let (tokens, now) = (tokens(), Instant::now());
        let at = |second: usize| now + Duration::from_secs(second as u64);
        let all: Vec<_> = (0..MAX_TOKENS + 2)
            .map(|second| tokens.issue(at(second), HOUR).unwrap())
            .collect();
        assert_eq!(tokens.ends().len(), MAX_TOKENS);
        let late = at(MAX_TOKENS + 2);
        let good: Vec<_> = all
            .iter()
            .map(|token| tokens.is_good(token, late))
            .collect();
        assert_eq!(good.iter().position(|good| *good), Some(2));
        assert!(good[2..].iter().all(|good| *good));
        // What has ended makes room for all others.
        let later = at(MAX_TOKENS + 1) + HOUR;
        tokens.issue(later, HOUR).unwrap();
        assert_eq!(tokens.ends().len(), 1);
    }
}
