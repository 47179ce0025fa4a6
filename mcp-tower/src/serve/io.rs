use super::activity::{Activity, after};
use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep, sleep_until},
};

/// A connection that is counted until it is closed, and fails when its client takes nothing of
/// what is written.
///
/// The permit is here and not in the connection's task because an upgraded connection outlives
/// that task; from then on its owner decides how long it waits.
pub(super) struct Watched<Io> {
    io: Io,
    activity: Arc<Activity>,
    write_time: Duration,
    /// Runs while a write waits.
    stall: Option<Pin<Box<Sleep>>>,
    _permit: OwnedSemaphorePermit,
}

impl<Io> Watched<Io> {
    pub(super) fn new(
        io: Io,
        permit: OwnedSemaphorePermit,
        activity: Arc<Activity>,
        write_time: Duration,
    ) -> Self {
        Self {
            io,
            activity,
            write_time,
            stall: None,
            _permit: permit,
        }
    }

    /// What became of a write: nothing at all for too long is an error.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() || self.activity.is_handed_over() {
            self.stall = None;
            return write;
        }
        let write_time = self.write_time;
        let stall = self
            .stall
            .get_or_insert_with(|| Box::pin(sleep_until(after(Instant::now(), write_time))));
        if stall.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        tracing::debug!(target: "mcp", "a connection was closed: its client does not read");
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<Io: Unpin> Watched<Io> {
    fn io(self: Pin<&mut Self>) -> Pin<&mut Io> {
        Pin::new(&mut self.get_mut().io)
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Watched<Io> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.io().poll_read(cx, buf)
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Watched<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = self.as_mut().io().poll_write(cx, buf);
        self.watch(cx, write)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = self.as_mut().io().poll_flush(cx);
        // Flushing a socket always succeeds: only what waits says anything.
        match flush {
            Poll::Pending => self.watch(cx, flush),
            Poll::Ready(_) => flush,
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = self.as_mut().io().poll_write_vectored(cx, bufs);
        self.watch(cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
