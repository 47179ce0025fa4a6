//! One connection of a client to a stream of its session.

use super::stream::{Read, Reader, Stream};
use crate::{
    keep_alive::KeepAlive,
    session::{Located, RowGuard},
};
use bytes::Bytes;
use mcp_core::governor::Permit;
use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

/// Reads a stream until it ends, or the client goes away: then the stream goes on without it.
pub(crate) struct StreamBody {
    stream: Arc<Stream>,
    reader: Reader,
    next: u64,
    keep_alive: KeepAlive,
    over: bool,
    row: RowGuard,
    located: Option<Located>,
    _permit: Option<Permit>,
}

impl StreamBody {
    pub(crate) fn new(
        stream: Arc<Stream>,
        (reader, next): (Reader, u64),
        row: RowGuard,
        permit: Option<Permit>,
    ) -> Self {
        Self {
            stream,
            reader,
            next,
            keep_alive: KeepAlive::new(),
            over: false,
            row,
            located: None,
            _permit: permit,
        }
    }

    /// Keeps a value for as long as the stream is read here.
    pub(crate) fn hold(&mut self, located: Located) {
        self.located = Some(located);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.over {
            return Poll::Ready(None);
        }
        match self.stream.poll_read(self.reader, &mut self.next, cx) {
            Poll::Ready(Some(Read::Events(piece))) => {
                self.keep_alive.reset();
                Poll::Ready(Some(piece))
            }
            Poll::Ready(Some(Read::HangUp(piece))) => {
                self.over = true;
                self.go_on();
                Poll::Ready(Some(piece))
            }
            Poll::Ready(None) => {
                self.over = true;
                Poll::Ready(None)
            }
            Poll::Pending => self.keep_alive.poll(cx).map(Some),
        }
    }

    /// Lets the stream go on without this connection.
    fn go_on(&self) {
        // Without a runtime the process is on its way out.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            self.stream.leave(self.reader);
            return;
        };
        let Some((reader, mut next)) = self.stream.go_on_without(self.reader) else {
            return;
        };
        let (stream, row) = (self.stream.clone(), self.row.clone());
        runtime.spawn(async move {
            // Reading keeps; what is read here was heard by nobody.
            while poll_fn(|cx| stream.poll_read(reader, &mut next, cx))
                .await
                .is_some()
            {}
            drop(row);
        });
    }
}

impl Drop for StreamBody {
    fn drop(&mut self) {
        self.go_on();
        drop(self.located.take());
    }
}
