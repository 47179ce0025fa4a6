//! Server-sent events: what a running call emits, and its answer.

use bytes::{BufMut, Bytes, BytesMut};
use mcp_core::{
    Server,
    call::{CancelReason, ClientRequest, Link, Outgoing},
    protocol::{Era, Notification, RequestId, Revision},
};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// How often a silent stream sends a comment, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How much is joined before a piece is handed to the connection.
const PIECE: usize = 16 * 1024;

/// The events of one call, read from its [`Link`].
///
/// Dropped before the answer, it stops a modern call, whose client has gone away; a legacy call
/// goes on without it.
pub(crate) struct Events {
    link: Arc<Link>,
    server: Server,
    id: RequestId,
    revision: Revision,
    keep_alive: Pin<Box<Sleep>>,
    over: bool,
}

impl Events {
    pub(crate) fn new(link: Arc<Link>, server: Server, id: RequestId, revision: Revision) -> Self {
        Self {
            link,
            server,
            id,
            revision,
            keep_alive: Box::pin(tokio::time::sleep(KEEP_ALIVE)),
            over: false,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// The next piece: whole events only, as many as are ready.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.over {
            return Poll::Ready(None);
        }
        let mut piece = BytesMut::new();
        while piece.len() < PIECE {
            match self.link.poll_next(cx) {
                Poll::Ready(Some(Outgoing::Notification(notification))) => {
                    write_notification(&mut piece, &notification);
                }
                Poll::Ready(Some(Outgoing::Request(request))) => {
                    write_request(&mut piece, &request);
                }
                Poll::Ready(Some(Outgoing::Answer(answer))) => {
                    let answer = self.server.encode(answer, &self.id, self.revision);
                    write_event(&mut piece, &[&answer]);
                    self.over = true;
                    break;
                }
                Poll::Ready(None | Some(_)) => {
                    self.over = true;
                    break;
                }
                Poll::Pending => break,
            }
        }
        if !piece.is_empty() {
            self.keep_alive.as_mut().reset(Instant::now() + KEEP_ALIVE);
            return Poll::Ready(Some(piece.freeze()));
        }
        if self.over {
            return Poll::Ready(None);
        }
        if self.keep_alive.as_mut().poll(cx).is_ready() {
            self.keep_alive.as_mut().reset(Instant::now() + KEEP_ALIVE);
            // Registers the new deadline; it has not passed.
            let _ = self.keep_alive.as_mut().poll(cx);
            return Poll::Ready(Some(Bytes::from_static(b":\n\n")));
        }
        Poll::Pending
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        match self.revision.era() {
            Era::Modern => self.link.cancel(CancelReason::Disconnected),
            Era::Legacy => self.link.detach(),
        }
    }
}

fn write_notification(piece: &mut BytesMut, notification: &Notification) {
    // Method names come from this program and need no escaping.
    write_event(
        piece,
        &[
            b"{\"jsonrpc\":\"2.0\",\"method\":\"",
            notification.method.as_bytes(),
            b"\",\"params\":",
            notification.params.as_str().as_bytes(),
            b"}",
        ],
    );
}

fn write_request(piece: &mut BytesMut, request: &ClientRequest) {
    // An id is a string or an integer: it always serializes.
    let id = serde_json::to_vec(&request.id).unwrap_or_default();
    let question = &request.question;
    write_event(
        piece,
        &[
            b"{\"jsonrpc\":\"2.0\",\"id\":",
            &id,
            b",\"method\":\"",
            question.method.as_bytes(),
            b"\",\"params\":",
            question.params.as_str().as_bytes(),
            b"}",
        ],
    );
}

/// One event with one `data` line. JSON that was written by hand may hold line breaks between its
/// tokens, and nowhere else: they are left out.
fn write_event(piece: &mut BytesMut, json: &[&[u8]]) {
    const BEFORE: &[u8] = b"event: message\ndata: ";
    const AFTER: &[u8] = b"\n\n";
    let length: usize = json.iter().map(|part| part.len()).sum();
    piece.reserve(BEFORE.len() + length + AFTER.len());
    piece.put_slice(BEFORE);
    for part in json {
        let mut rest = *part;
        while let Some(at) = memchr::memchr2(b'\n', b'\r', rest) {
            piece.put_slice(&rest[..at]);
            rest = &rest[at + 1..];
        }
        piece.put_slice(rest);
    }
    piece.put_slice(AFTER);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line() {
        let mut piece = BytesMut::new();
        write_event(&mut piece, &[b"{\"a\":\r\n 1,", b"\n\"b\":2}\n"]);
        assert_eq!(piece, "event: message\ndata: {\"a\": 1,\"b\":2}\n\n");
    }
}
