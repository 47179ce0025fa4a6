//! The end that a transport reads.

use super::Shared;
use crate::hub::Listener;
use bytes::{Bytes, BytesMut};
use std::{
    fmt,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::sync::mpsc;

/// What a connection says to its client, message by message, each on one line.
///
/// Dropping it ends the connection at once: whoever it was for has gone away.
pub struct Outbox {
    shared: Arc<Shared>,
    messages: mpsc::Receiver<Bytes>,
    /// Tells of changes, and of the server's end. Changes are marks that wait until there is
    /// somebody to read them.
    listener: Option<Listener>,
    /// Whether the listener was asked last, so that neither source shuts out the other.
    told: bool,
}

impl Outbox {
    pub(super) fn new(
        shared: Arc<Shared>,
        messages: mpsc::Receiver<Bytes>,
        listener: Listener,
    ) -> Self {
        Self {
            shared,
            messages,
            listener: Some(listener),
            told: false,
        }
    }

    /// The next message; `None` when the connection is over.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.told = !self.told;
        if self.told
            && let Some(change) = self.poll_change(cx)
        {
            return Poll::Ready(Some(change));
        }
        if let Poll::Ready(message) = self.messages.poll_recv(cx) {
            return Poll::Ready(message);
        }
        match self.poll_change(cx) {
            Some(change) => Poll::Ready(Some(change)),
            // The end of the listener may have ended the connection.
            None => self.messages.poll_recv(cx),
        }
    }

    /// The next message; `None` when the connection is over.
    ///
    /// Cancel safe.
    pub async fn next(&mut self) -> Option<Bytes> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_change(&mut self, cx: &mut Context<'_>) -> Option<Bytes> {
        loop {
            match self.listener.as_mut()?.poll_next(cx) {
                // A client that is not ready yet asks for everything when it is.
                Poll::Ready(Some(_)) if !self.shared.is_ready() => {}
                Poll::Ready(Some(change)) => {
                    let mut line = BytesMut::new();
                    change.write(&mut line);
                    return Some(line.freeze());
                }
                Poll::Ready(None) => {
                    self.listener = None;
                    self.shared.calls.end();
                }
                Poll::Pending => return None,
            }
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        // Nothing that waits for room is to wait any longer.
        self.messages.close();
        self.shared.end();
        self.shared.calls.stop(false);
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}
