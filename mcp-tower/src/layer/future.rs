use super::LayerBody;
use crate::service::ResponseFuture;
use http::Response;
use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

pin_project! {
    /// The future of [`McpLayerService`](crate::McpLayerService) and of this crate's other services
    /// that wrap a service of HTTP requests.
    #[must_use = "futures do nothing unless polled"]
    pub struct LayerFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F> {
        Mcp { future: ResponseFuture },
        Inner { #[pin] future: F },
    }
}

impl<F> LayerFuture<F> {
    pub(crate) fn mcp(future: ResponseFuture) -> Self {
        Self {
            kind: Kind::Mcp { future },
        }
    }

    pub(crate) fn inner(future: F) -> Self {
        Self {
            kind: Kind::Inner { future },
        }
    }
}

impl<F, R, E> Future for LayerFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<LayerBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Mcp { future } => Pin::new(future).poll(cx).map(|reply| match reply {
                Ok(reply) => Ok(reply.map(LayerBody::mcp)),
                Err(never) => match never {},
            }),
            KindProjection::Inner { future } => {
                let reply = future.poll(cx);
                reply.map(|reply| reply.map(|reply| reply.map(LayerBody::inner)))
            }
        }
    }
}

impl<F> fmt::Debug for LayerFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayerFuture").finish_non_exhaustive()
    }
}
