use super::{Identity, Token, TokenError};
use mcp_core::BoxFuture;
use std::{fmt, future::Future, sync::Arc};

/// Says whom a token speaks for.
///
/// It is asked for every request, so an implementation that asks others in turn should remember
/// their answers for a while, within bounds. The rules that every implementation keeps:
///
/// - it accepts a token only if it was made **for this server** (its audience), by somebody whom
///   the server trusts, and is good now;
/// - it answers alike for the same token, also when it is asked by many callers at once;
/// - its errors and their sources never quote the token;
/// - its future may be dropped at any point.
///
/// `auth::contract` (feature `testing`) tests them. Ready implementations are
/// [`JwtValidator`](super::JwtValidator), [`Introspection`](super::Introspection) and
/// [`ApiKeys`](super::ApiKeys); [`validate_with`] makes one from a closure.
pub trait TokenValidator: Send + Sync + 'static {
    /// Checks a token.
    ///
    /// # Errors
    /// [`TokenError::invalid`] if the token is at fault, [`TokenError::unavailable`] if nobody can
    /// tell right now.
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>>;
}

impl<V: TokenValidator + ?Sized> TokenValidator for Arc<V> {
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>> {
        (**self).validate(token)
    }
}

/// A validator from an async closure, which gets the text of the token.
///
/// ```
/// use mcp_tower::{Principal, auth::{Identity, TokenError, validate_with}};
///
/// let validator = validate_with(|token: String| async move {
///     let user = token.strip_prefix("for-tests-only-");
///     let user = user.ok_or(TokenError::invalid("not a token of ours"))?;
///     Ok(Identity::new(Principal::new("tests", user)))
/// });
/// # let _ = validator;
/// ```
pub fn validate_with<F, R>(check: F) -> ValidateWith<F>
where
    F: Fn(String) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Identity, TokenError>> + Send + 'static,
{
    ValidateWith(check)
}

/// The validator that [`validate_with`] makes.
#[derive(Clone)]
pub struct ValidateWith<F>(F);

impl<F, R> TokenValidator for ValidateWith<F>
where
    F: Fn(String) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Identity, TokenError>> + Send + 'static,
{
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>> {
        Box::pin((self.0)(token.expose().to_owned()))
    }
}

impl<F> fmt::Debug for ValidateWith<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidateWith").finish_non_exhaustive()
    }
}
