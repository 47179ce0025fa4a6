use super::{Caller, layer::Limiter};
use crate::{
    layer::{LayerBody, LayerFuture},
    reply,
    service::ResponseFuture,
};
use mcp_core::{Refusal, Request, Response};
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// The service of [`RateLimitLayer`](super::RateLimitLayer): of HTTP requests around one of HTTP
/// requests, of MCP requests around one of those.
#[derive(Clone, Debug)]
pub struct RateLimit<S> {
    inner: S,
    limiter: Arc<Limiter>,
}

impl<S> RateLimit<S> {
    pub(super) fn new(inner: S, limiter: Arc<Limiter>) -> Self {
        Self { inner, limiter }
    }
}

impl<S, B, R> Service<http::Request<B>> for RateLimit<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>>,
{
    type Response = http::Response<LayerBody<R>>;
    type Error = S::Error;
    type Future = LayerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        match self.limiter.check(&Caller::of_http(&request)) {
            Ok(()) => LayerFuture::inner(self.inner.call(request)),
            Err(refusal) => {
                let reply = reply::refused(&refusal, None);
                LayerFuture::mcp(ResponseFuture::ready(reply))
            }
        }
    }
}

impl<S> Service<Request> for RateLimit<S>
where
    S: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = RateLimitFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let kind = match self.limiter.check(&Caller::of_mcp(&request)) {
            Ok(()) => Kind::Inner {
                future: self.inner.call(request),
            },
            Err(refusal) => Kind::Refused {
                refusal: Some(refusal),
            },
        };
        RateLimitFuture { kind }
    }
}

pin_project! {
    /// The future of [`RateLimit`] inside of a server.
    #[must_use = "futures do nothing unless polled"]
    pub struct RateLimitFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F> {
        Refused { refusal: Option<Refusal> },
        Inner { #[pin] future: F },
    }
}

impl<F, E> Future for RateLimitFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Refused { refusal } => {
                let refusal = refusal.take().unwrap_or_else(Refusal::rate_limited);
                Poll::Ready(Ok(refusal.into()))
            }
            KindProjection::Inner { future } => future.poll(cx),
        }
    }
}

impl<F> fmt::Debug for RateLimitFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitFuture").finish_non_exhaustive()
    }
}
