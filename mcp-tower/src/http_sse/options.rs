use std::sync::Arc;

/// The transport of 2024-11-05, for clients that know no other: see
/// [`McpService::http_sse`](crate::McpService::http_sse).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct HttpSse {
    pub(super) path: Option<Arc<str>>,
}

impl HttpSse {
    /// Clients send their messages to the URI of the stream with `session=…` in its query. Such a
    /// reference needs no path, so it holds wherever the service is mounted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the path of the service as clients see it, for those that cannot resolve a reference
    /// that is only a query. It must lead to the same service, and to the same process.
    #[must_use]
    pub fn path(mut self, path: impl Into<Arc<str>>) -> Self {
        self.path = Some(path.into());
        self
    }
}
