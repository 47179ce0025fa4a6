//! Server-sent events: how they are written, and the stream of a call that nobody can come back to.

use crate::{
    keep_alive::KeepAlive,
    replay::{CallSource, EventId, Wrote},
};
use bytes::{BufMut, Bytes, BytesMut};
use mcp_core::{
    Quirks,
    call::{CancelReason, ClientRequest},
    protocol::{Era, Notification},
};
use std::{
    fmt::Write,
    task::{Context, Poll},
};

/// How much is joined before a piece is handed to the connection.
pub(crate) const PIECE: usize = 16 * 1024;

/// How events are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventName {
    /// As what they are without a name, too: some clients look for it.
    Message,
    /// Not at all.
    Omitted,
}

impl EventName {
    pub(crate) fn of(quirks: Option<&Quirks>) -> Self {
        match quirks {
            Some(quirks) if quirks.has_unnamed_events() => Self::Omitted,
            _ => Self::Message,
        }
    }
}

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
        self.keep_alive.poll_piece(cx, piece, self.over)
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
    name: EventName,
    notification: &Notification,
) {
    write_event(piece, id, name, |piece| notification.write(piece));
}

pub(crate) fn write_request(
    piece: &mut BytesMut,
    id: Option<EventId>,
    name: EventName,
    request: &ClientRequest,
) {
    write_event(piece, id, name, |piece| request.write(piece));
}

/// One event with one `data` line, which holds what `write` appends.
pub(crate) fn write_event(
    piece: &mut BytesMut,
    id: Option<EventId>,
    name: EventName,
    write: impl FnOnce(&mut BytesMut),
) {
    if let Some(id) = id {
        // Writing to a buffer that grows does not fail.
        let _ = writeln!(piece, "id: {id}");
    }
    piece.put_slice(match name {
        EventName::Message => b"event: message\ndata: ",
        EventName::Omitted => b"data: ",
    });
    write(piece);
    piece.put_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp_core::protocol::RawJson;

    #[test]
    fn an_event_is_one_line() {
        let params = RawJson::from_text("{\"a\":\r\n 1}".to_owned()).unwrap();
        let notification = Notification::new("n", &params).unwrap();
        let data = r#"data: {"jsonrpc":"2.0","method":"n","params":{"a": 1}}"#;
        for (name, before) in [
            (EventName::Message, "event: message\n"),
            (EventName::Omitted, ""),
        ] {
            let mut piece = BytesMut::new();
            write_notification(&mut piece, None, name, &notification);
            assert_eq!(piece, format!("{before}{data}\n\n"));
        }
    }
}
