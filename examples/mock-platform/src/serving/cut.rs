//! Answers that are no answers: a bare status, and a connection that ends in the middle.
//!
//! A handler knows nothing of HTTP. It says what should become of the response in a slot that this
//! layer has put into the extensions of the request, around the mount.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use mcp_tower::{Context as CallContext, core::BoxFuture};
use pin_project_lite::pin_project;
use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};
use tower::{Layer, Service};

/// What becomes of a response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    /// Nothing but a status. A stream that has begun already is cut off.
    Status(u16),
    /// It is cut off.
    Off,
}

#[derive(Clone, Debug, Default)]
struct Slot(Arc<OnceLock<Cut>>);

/// Says what becomes of the response to a call. The first one that is said counts.
pub(super) fn cut(cx: &CallContext, cut: Cut) {
    if let Some(Slot(slot)) = cx.extensions().get() {
        let _ = slot.set(cut);
    }
}

/// Lets tools answer with a status, or not at all.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CutLayer;

impl CutLayer {
    /// The layer.
    pub fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for CutLayer {
    type Service = CutService<S>;

    fn layer(&self, inner: S) -> CutService<S> {
        CutService(inner)
    }
}

/// See [`CutLayer`].
#[derive(Clone, Debug)]
pub struct CutService<S>(S);

impl<S, B, R> Service<Request<B>> for CutService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = Response<CutBody<R>>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let slot = Slot::default();
        request.extensions_mut().insert(slot.clone());
        let answer = self.0.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            let status = match slot.0.get() {
                Some(Cut::Status(status)) => StatusCode::from_u16(*status).ok(),
                _ => None,
            };
            Ok(match status {
                None => answer.map(|inner| CutBody {
                    inner: Some(inner),
                    slot,
                }),
                Some(status) => {
                    let mut bare = Response::new(CutBody { inner: None, slot });
                    *bare.status_mut() = status;
                    bare
                }
            })
        })
    }
}

pin_project! {
    /// A body that may be cut off.
    #[derive(Debug)]
    pub struct CutBody<R> {
        // Nothing, where a status says everything.
        #[pin]
        inner: Option<R>,
        slot: Slot,
    }
}

impl<R> Body for CutBody<R>
where
    R: Body<Data = Bytes>,
    R::Error: Into<mcp_tower::core::BoxError>,
{
    type Data = Bytes;
    type Error = mcp_tower::core::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else {
            return Poll::Ready(None);
        };
        let frame = inner.poll_frame(cx);
        // Looked at last: what the call ends with comes after it has said so.
        match (this.slot.0.get(), frame) {
            (None, frame) => frame.map(|frame| frame.map(|frame| frame.map_err(Into::into))),
            (Some(_), Poll::Pending) => Poll::Pending,
            (Some(_), Poll::Ready(_)) => {
                let error = io::Error::from(io::ErrorKind::ConnectionAborted);
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner
            .as_ref()
            .is_none_or(|inner| self.slot.0.get().is_none() && inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
