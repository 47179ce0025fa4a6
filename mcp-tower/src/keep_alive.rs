//! Comments on silent streams, so that proxies keep them open.

use bytes::{Bytes, BytesMut};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// How long a stream is silent before it sends a comment.
const INTERVAL: Duration = Duration::from_secs(15);

pub(crate) struct KeepAlive(Pin<Box<Sleep>>);

impl KeepAlive {
    pub(crate) fn new() -> Self {
        Self(Box::pin(tokio::time::sleep(INTERVAL)))
    }

    /// Starts over, since something else was sent.
    pub(crate) fn reset(&mut self) {
        self.0.as_mut().reset(Instant::now() + INTERVAL);
    }

    /// What a stream sends next, now that it has written what it had: that, its end, or a comment
    /// when one is due.
    pub(crate) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
        written: BytesMut,
        is_over: bool,
    ) -> Poll<Option<Bytes>> {
        if !written.is_empty() {
            self.reset();
            return Poll::Ready(Some(written.freeze()));
        }
        if is_over {
            return Poll::Ready(None);
        }
        self.poll(cx).map(Some)
    }

    /// The next comment, when it is due.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        if self.0.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.reset();
        // Registers the new deadline; it has not passed.
        let _ = self.0.as_mut().poll(cx);
        Poll::Ready(Bytes::from_static(b":\n\n"))
    }
}
