//! The headers of the HTTP request.

use super::FromContext;
use crate::{context::Context, error::RequestError};
use http::HeaderMap;

/// The headers of the HTTP request that carried the call; empty where there is no HTTP.
///
/// ```
/// use mcp_core::{Headers, mcp_tool};
///
/// #[mcp_tool]
/// async fn language(Headers(headers): Headers) -> String {
///     let language = headers.get("accept-language").and_then(|value| value.to_str().ok());
///     language.unwrap_or("unknown").to_owned()
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Headers(pub HeaderMap);

impl<S: Sync> FromContext<S> for Headers {
    async fn from_context(cx: &Context, _: &S) -> Result<Self, RequestError> {
        Ok(Self(
            cx.http()
                .map(|head| head.headers.clone())
                .unwrap_or_default(),
        ))
    }
}
