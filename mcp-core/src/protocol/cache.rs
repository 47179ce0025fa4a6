//! Cache hints of 2026-07-28 results.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long, and by whom, a result may be reused.
///
/// The default is not at all, and not shared: `ttlMs` 0 and `private`.
///
/// ```
/// use mcp_core::protocol::CacheHint;
/// use std::time::Duration;
///
/// let hint = CacheHint::public(Duration::from_secs(60));
/// assert_eq!(serde_json::to_string(&hint)?, r#"{"ttlMs":60000,"cacheScope":"public"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CacheHint {
    /// Milliseconds.
    pub ttl_ms: u64,
    /// Who may share the result.
    pub cache_scope: CacheScope,
}

/// Who may share a cached result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheScope {
    /// Anyone: the result is the same for all callers, whatever their tokens.
    Public,
    /// Only the caller it was made for.
    #[default]
    Private,
}

impl CacheHint {
    /// Reusable by anyone. Only for results that are the same for all callers.
    pub fn public(ttl: Duration) -> Self {
        Self::new(ttl, CacheScope::Public)
    }

    /// Reusable by the same caller.
    pub fn private(ttl: Duration) -> Self {
        Self::new(ttl, CacheScope::Private)
    }

    fn new(ttl: Duration, cache_scope: CacheScope) -> Self {
        Self {
            ttl_ms: ttl.as_millis().try_into().unwrap_or(u64::MAX),
            cache_scope,
        }
    }
}
