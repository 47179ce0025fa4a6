//! Answers that are no answers: a bare status, and a connection that ends in the middle.
//!
//! A handler knows nothing of HTTP. It says what should become of the response in a slot that this
//! layer has put into the extensions of the request, around the mount.
//!
//! Where a connection ends, the client has heard everything that came before: a stream of events its
//! head and its events, and then it stops without its end. An answer that would have been JSON is not begun:
//! the connection is closed without a byte. What was to be the result is never sent.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body::{Body, Frame, SizeHint};
use mcp_tower::{Context as CallContext, core::BoxFuture};
use pin_project_lite::pin_project;
use std::{
    future::poll_fn,
    io, mem,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};
use tokio::sync::Notify;
use tower::{Layer, Service};

/// What becomes of a response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    /// Nothing but a status. A stream that has begun already is cut off.
    Status(u16),
    /// It is cut off.
    Off,
}

/// What a call and its response say to each other.
#[derive(Debug, Default)]
struct Slot {
    cut: OnceLock<Cut>,
    /// Whoever carries the response, and is to look here.
    carrier: Mutex<Option<Waker>>,
    /// Whether everything that came before the cut is on its way.
    is_passed: AtomicBool,
    passed: Notify,
}

/// What the handler finds.
#[derive(Clone)]
struct Handle(Arc<Slot>);

/// Says what becomes of the response, and waits until what came before has been passed on. What the
/// call ends with then is dropped. What is said first counts.
pub(super) async fn cut(cx: &CallContext, cut: Cut) {
    if let Some(Handle(slot)) = cx.extensions().get() {
        let _ = slot.cut.set(cut);
        slot.wake_carrier();
        // A batch may have several calls that wait here.
        let mut passed = pin!(slot.passed.notified());
        passed.as_mut().enable();
        if !slot.is_passed.load(Ordering::Acquire) {
            passed.await;
        }
    }
}

impl Slot {
    fn wake_carrier(&self) {
        let carrier = self.carrier.lock();
        let waker = carrier.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// From here on a task is woken when the response is to be cut off.
    fn carried_by(&self, waker: &Waker) {
        let mut carrier = self.carrier.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match &*carrier {
            Some(known) if known.will_wake(waker) => None,
            _ => carrier.replace(waker.clone()),
        };
        drop(carrier);
        drop(before);
    }

    fn pass(&self) {
        self.is_passed.store(true, Ordering::Release);
        self.passed.notify_waiters();
    }

    fn is_cut(&self) -> bool {
        self.cut.get().is_some()
    }

    /// Whether the next thing that comes is what the call ends with.
    fn is_over(&self) -> bool {
        self.is_cut() && self.is_passed.load(Ordering::Acquire)
    }
}

/// The slot, on the side of the response. A call is not to wait for one that is gone.
#[derive(Debug)]
struct Carried(Arc<Slot>);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.pass();
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
        let carried = Carried(Arc::default());
        request.extensions_mut().insert(Handle(carried.0.clone()));
        let answer = self.0.call(request);
        Box::pin(async move {
            let mut answer = pin!(answer);
            let slot = &carried.0;
            let answer = poll_fn(|cx| {
                slot.carried_by(cx.waker());
                let polled = answer.as_mut().poll(cx);
                if polled.is_pending() && slot.is_cut() {
                    // Nothing came before.
                    slot.pass();
                }
                polled
            });
            let answer = answer.await?;
            Ok(cut_off(answer, carried))
        })
    }
}

/// The response, or what becomes of it.
fn cut_off<R>(answer: Response<R>, carried: Carried) -> Response<CutBody<R>> {
    let status = match carried.0.cut.get() {
        Some(Cut::Status(status)) => StatusCode::from_u16(*status).ok(),
        _ => None,
    };
    if let Some(status) = status {
        let mut bare = Response::new(CutBody {
            inner: None,
            state: State::Open,
            carried,
        });
        *bare.status_mut() = status;
        return bare;
    }
    let state = match carried.0.is_cut() && !is_stream(answer.headers()) {
        true => State::Cut,
        false => State::Open,
    };
    answer.map(|inner| CutBody {
        inner: Some(inner),
        state,
        carried,
    })
}

fn is_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// What comes is passed on.
    Open,
    /// The connection ends the next time that somebody asks.
    Cut,
    /// It has.
    Over,
}

pin_project! {
    /// A body that may be cut off.
    #[derive(Debug)]
    pub struct CutBody<R> {
        // Nothing, where a status says everything.
        #[pin]
        inner: Option<R>,
        state: State,
        carried: Carried,
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
        let slot = &this.carried.0;
        match mem::replace(this.state, State::Over) {
            State::Over => return Poll::Ready(None),
            State::Cut => {
                let error = io::Error::from(io::ErrorKind::ConnectionAborted);
                return Poll::Ready(Some(Err(error.into())));
            }
            State::Open => *this.state = State::Open,
        }
        let Some(inner) = this.inner.as_pin_mut() else {
            return Poll::Ready(None);
        };
        slot.carried_by(cx.waker());
        // Looked at before: while a call waits here, what comes was there before the cut.
        let is_over = slot.is_over();
        match inner.poll_frame(cx) {
            Poll::Pending => {
                if slot.is_cut() {
                    slot.pass();
                }
                Poll::Pending
            }
            Poll::Ready(_) if is_over => {
                // Not at once: a connection whose body has nothing to give sends what it has.
                *this.state = State::Cut;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(Into::into))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner
            .as_ref()
            .is_none_or(|inner| !self.carried.0.is_cut() && inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
