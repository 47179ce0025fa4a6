//! How often callers may call.

use crate::Clock;
use http::header::AUTHORIZATION;
use mcp_tower::rate_limit::{Quota, RateKey, RateLimitLayer};

/// Requests per minute. What goes beyond is answered with 429 and `Retry-After`.
///
/// ```
/// use secure::Rates;
///
/// let mut rates = Rates::default();
/// rates.write = 100;
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rates {
    /// Requests to `/mcp` without a token, for each address (30).
    pub stranger: u32,
    /// Requests to `/mcp` with a token, good or not, for each address (1200).
    pub address: u32,
    /// MCP requests of each subject (120)…
    pub subject: u32,
    /// … of which so many may come at once (30).
    pub burst: u32,
    /// Calls of `notes_write`, for each subject (20).
    pub write: u32,
    /// Requests to each of `/authorize`, `/register` and `/token`, for each address (10).
    pub issuer: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            stranger: 30,
            address: 1_200,
            subject: 120,
            burst: 30,
            write: 20,
            issuer: 10,
        }
    }
}

impl Rates {
    /// All of them so many times, at least once.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        let times = |rate: u32| rate.saturating_mul(factor.max(1));
        Self {
            stranger: times(self.stranger),
            address: times(self.address),
            subject: times(self.subject),
            burst: times(self.burst),
            write: times(self.write),
            issuer: times(self.issuer),
        }
    }

    /// Around HTTP, before anything is read: strangers by their address.
    pub(crate) fn strangers(&self, clock: &Clock) -> RateLimitLayer {
        let has_token = |caller: &mcp_tower::rate_limit::Caller<'_>| {
            let headers = caller.headers();
            headers.is_some_and(|headers| headers.contains_key(AUTHORIZATION))
        };
        let key = RateKey::address().only(move |caller| !has_token(caller));
        limit(self.stranger, key, clock)
    }

    /// Around HTTP: everybody by their address, so that tokens are not guessed for nothing.
    pub(crate) fn addresses(&self, clock: &Clock) -> RateLimitLayer {
        limit(self.address, RateKey::address(), clock)
    }

    /// Around the server: callers that are known.
    pub(crate) fn subjects(&self, clock: &Clock) -> RateLimitLayer {
        let quota = Quota::per_minute(self.subject.max(1)).burst(self.burst.max(1));
        timed(RateLimitLayer::new(quota, RateKey::principal()), clock)
    }

    /// Around one tool.
    pub(crate) fn writes(&self, clock: &Clock) -> RateLimitLayer {
        limit(self.write, RateKey::principal(), clock)
    }

    /// Around one endpoint of the issuer.
    pub(crate) fn issuer(&self, clock: &Clock) -> RateLimitLayer {
        limit(self.issuer, RateKey::address(), clock)
    }
}

fn limit(per_minute: u32, key: RateKey, clock: &Clock) -> RateLimitLayer {
    timed(
        RateLimitLayer::new(Quota::per_minute(per_minute.max(1)), key),
        clock,
    )
}

fn timed(layer: RateLimitLayer, clock: &Clock) -> RateLimitLayer {
    let clock = clock.clone();
    layer.clock(move || clock.instant())
}
