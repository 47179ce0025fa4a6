use super::{LayerBody, LayerFuture};
use crate::service::McpService;
use bytes::Bytes;
use http::{Request, Response};
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// The service of [`McpLayer`](crate::McpLayer).
#[derive(Clone, Debug)]
pub struct McpLayerService<S> {
    inner: S,
    mcp: McpService,
    path: Arc<str>,
}

impl<S> McpLayerService<S> {
    pub(super) fn new(inner: S, mcp: McpService, path: Arc<str>) -> Self {
        Self { inner, mcp, path }
    }
}

impl<S, B, R> Service<Request<B>> for McpLayerService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<LayerBody<R>>;
    type Error = S::Error;
    type Future = LayerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // The endpoint is always ready.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        if path == &*self.path || self.mcp.answers_beside(path) {
            LayerFuture::mcp(self.mcp.call(request))
        } else {
            LayerFuture::inner(self.inner.call(request))
        }
    }
}
