//! What outer layers have put beside the request.

use super::FromContext;
use crate::{context::Context, error::RequestError};
use std::any::type_name;

/// A value that an outer layer has put into `http::Extensions`.
///
/// A missing value is a fault of the application, not of the client: the client gets a reference
/// and the log names the type. Take `Option<Extension<T>>` when it may be missing.
///
/// ```
/// use mcp_core::{Extension, mcp_tool};
///
/// #[derive(Clone)]
/// struct User {
///     name: String,
/// }
///
/// #[mcp_tool]
/// async fn whoami(Extension(user): Extension<User>) -> String {
///     user.name
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Extension<T>(pub T);

impl<S: Sync, T: Clone + Send + Sync + 'static> FromContext<S> for Extension<T> {
    async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
        let value = cx.extensions().get::<T>().cloned();
        value.map(Self).ok_or_else(|| {
            let name = type_name::<T>();
            RequestError::internal(format!("no layer has added an extension of type `{name}`"))
        })
    }
}

impl<S: Sync, T: Clone + Send + Sync + 'static> FromContext<S> for Option<Extension<T>> {
    async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
        Ok(cx.extensions().get::<T>().cloned().map(Extension))
    }
}
