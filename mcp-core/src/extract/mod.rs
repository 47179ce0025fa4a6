//! Extractors: parameters that come from the call and not from its arguments.

mod client_info;
mod extension;
mod headers;
mod state;

pub use client_info::ClientInfo;
pub use extension::Extension;
pub use headers::Headers;
pub use state::{FromRef, State};

use crate::{context::Context, error::RequestError, principal::Principal, scopes::Scopes};
use std::future::Future;

/// A type that a handler with state `S` can take as a parameter without it being an argument.
///
/// Extractors run before the handler, in the order of its parameters, and may wait. They see the
/// [`Context`] only; the arguments are the model's, the rest is the application's.
///
/// A type that is also `Deserialize` and `JsonSchema` is ambiguous and does not compile as a
/// parameter; leave one of the derives out.
///
/// ```
/// use mcp_core::{Context, FromContext, RequestError, Refusal, mcp_tool};
///
/// struct Admin(String);
///
/// impl<S: Sync> FromContext<S> for Admin {
///     async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
///         match cx.principal().subject() {
///             Some(name) if name.starts_with("admin-") => Ok(Self(name.to_owned())),
///             _ => Err(RequestError::refused(Refusal::forbidden("administrators only"))),
///         }
///     }
/// }
///
/// #[mcp_tool]
/// async fn restart(Admin(name): Admin) -> String {
///     format!("restarted by {name}")
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extractor for handlers with state `{S}`",
    note = "implement `FromContext` for it"
)]
pub trait FromContext<S>: Sized {
    /// Extracts the value.
    ///
    /// # Errors
    /// A [`RequestError`] ends the call. An internal one is told to the client as a reference
    /// only; one made from a [`Refusal`](crate::Refusal) is told as it is.
    fn from_context(
        cx: &Context,
        state: &S,
    ) -> impl Future<Output = Result<Self, RequestError>> + Send;
}

impl<S: Sync> FromContext<S> for Context {
    async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
        Ok(cx.clone())
    }
}

// `Principal` is `Deserialize`, for the facts of a call, but has no `JsonSchema`: it is no argument.
impl<S: Sync> FromContext<S> for Principal {
    async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
        Ok(cx.principal().clone())
    }
}

// `Scopes` have no `JsonSchema` either.
impl<S: Sync> FromContext<S> for Scopes {
    async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
        Ok(cx.facts().scopes.clone())
    }
}
