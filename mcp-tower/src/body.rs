//! The body of every response.

use crate::{
    batch::BatchEvents, http_sse::OutboxEvents, replay::StreamBody, replicas::RemoteBody,
    sse::Events,
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// The body of a response: nothing, one piece, or a stream of events. It never fails.
pub struct Body(Kind);

enum Kind {
    Empty,
    Full(Bytes),
    Events(Box<Events>),
    Stream(Box<StreamBody>),
    Remote(Box<RemoteBody>),
    Batch(Box<BatchEvents>),
    Outbox(Box<OutboxEvents>),
}

impl Body {
    pub(crate) fn empty() -> Self {
        Self(Kind::Empty)
    }

    pub(crate) fn events(events: Events) -> Self {
        Self(Kind::Events(Box::new(events)))
    }

    pub(crate) fn batch(events: BatchEvents) -> Self {
        Self(Kind::Batch(Box::new(events)))
    }

    pub(crate) fn outbox(events: OutboxEvents) -> Self {
        Self(Kind::Outbox(Box::new(events)))
    }

    pub(crate) fn remote(stream: RemoteBody) -> Self {
        Self(Kind::Remote(Box::new(stream)))
    }

    pub(crate) fn stream(stream: StreamBody) -> Self {
        Self(Kind::Stream(Box::new(stream)))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Full(bytes))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::Events(events) => events
                .poll_next(cx)
                .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Remote(stream) => stream
                .poll_next(cx)
                .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Batch(events) => events
                .poll_next(cx)
                .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Outbox(events) => events
                .poll_next(cx)
                .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Stream(stream) => stream
                .poll_next(cx)
                .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(_) => false,
            Kind::Events(events) => events.is_over(),
            Kind::Stream(stream) => stream.is_over(),
            Kind::Remote(stream) => stream.is_over(),
            Kind::Batch(events) => events.is_over(),
            Kind::Outbox(events) => events.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Events(_)
            | Kind::Stream(_)
            | Kind::Remote(_)
            | Kind::Batch(_)
            | Kind::Outbox(_) => SizeHint::default(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Kind::Empty => "Body::Empty",
            Kind::Full(_) => "Body::Full",
            Kind::Events(_) => "Body::Events",
            Kind::Stream(_) => "Body::Stream",
            Kind::Remote(_) => "Body::Remote",
            Kind::Batch(_) => "Body::Batch",
            Kind::Outbox(_) => "Body::Outbox",
        })
    }
}
