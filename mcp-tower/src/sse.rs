//! Server-sent events: how they are written, and the stream of a call that nobody can come back to.

use crate::{
    keep_alive::KeepAlive,
    replay::{CallSource, EventId, Wrote},
};
use bytes::{BufMut, Bytes, BytesMut};
use mcp_core::{
    call::{CancelReason, ClientRequest},
    protocol::{Era, Notification},
};
use std::{
    fmt::Write,
    task::{Context, Poll},
};

/// How much is joined before a piece is handed to the connection.
pub(crate) const PIECE: usize = 16 * 1024;

/// The events of one call.
///
/// Dropped before the answer, it stops a modern call, whose client has gone away; a legacy call
/// goes on without it.
pub(crate) struct Events {
    call: CallSource,
    keep_alive: KeepAlive,
    over: bool,
}

impl Events {
    pub(crate) fn new(call: CallSource) -> Self {
        Self {
            call,
            keep_alive: KeepAlive::new(),
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
        while piece.len() < PIECE && !self.over {
            match self.call.poll(cx, &mut piece, None) {
                Poll::Ready(wrote) => self.over = matches!(wrote, Wrote::Last | Wrote::Nothing),
                Poll::Pending => break,
            }
        }
        if !piece.is_empty() {
            self.keep_alive.reset();
            return Poll::Ready(Some(piece.freeze()));
        }
        if self.over {
            return Poll::Ready(None);
        }
        self.keep_alive.poll(cx).map(Some)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        match self.call.revision.era() {
            Era::Modern => self.call.link.cancel(CancelReason::Disconnected),
            Era::Legacy => self.call.link.detach(),
        }
    }
}

pub(crate) fn write_notification(
    piece: &mut BytesMut,
    id: Option<EventId>,
    notification: &Notification,
) {
    // Method names come from this program and need no escaping.
    write_event(
        piece,
        id,
        &[
            b"{\"jsonrpc\":\"2.0\",\"method\":\"",
            notification.method.as_bytes(),
            b"\",\"params\":",
            notification.params.as_str().as_bytes(),
            b"}",
        ],
    );
}

pub(crate) fn write_request(piece: &mut BytesMut, event: Option<EventId>, request: &ClientRequest) {
    // An id is a string or an integer: it always serializes.
    let id = serde_json::to_vec(&request.id).unwrap_or_default();
    let question = &request.question;
    write_event(
        piece,
        event,
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
pub(crate) fn write_event(piece: &mut BytesMut, id: Option<EventId>, json: &[&[u8]]) {
    const BEFORE: &[u8] = b"event: message\ndata: ";
    const AFTER: &[u8] = b"\n\n";
    if let Some(id) = id {
        // Writing to a buffer that grows does not fail.
        let _ = writeln!(piece, "id: {id}");
    }
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
        write_event(&mut piece, None, &[b"{\"a\":\r\n 1,", b"\n\"b\":2}\n"]);
        assert_eq!(piece, "event: message\ndata: {\"a\": 1,\"b\":2}\n\n");
    }
}
