//! The stream of a connection.

use super::table::Place;
use crate::{
    keep_alive::KeepAlive,
    sse::{self, EventName, PIECE},
};
use bytes::{Bytes, BytesMut};
use mcp_core::{connection::Outbox, governor::Permit};
use std::task::{Context, Poll};

/// What a connection says, as events. Dropping it ends the connection.
pub(crate) struct OutboxEvents {
    /// Says where messages go.
    first: Option<Bytes>,
    outbox: Outbox,
    event_name: EventName,
    keep_alive: KeepAlive,
    over: bool,
    _place: Place,
    _permits: [Permit; 2],
}

impl OutboxEvents {
    pub(super) fn new(
        first: Bytes,
        outbox: Outbox,
        event_name: EventName,
        place: Place,
        permits: [Permit; 2],
    ) -> Self {
        Self {
            first: Some(first),
            outbox,
            event_name,
            keep_alive: KeepAlive::new(),
            over: false,
            _place: place,
            _permits: permits,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// The next piece: whole events only, as many as are ready.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        let mut piece = BytesMut::new();
        while piece.len() < PIECE && !self.over {
            match self.outbox.poll_next(cx) {
                Poll::Ready(Some(message)) => {
                    sse::write_event(&mut piece, None, self.event_name, |piece| {
                        piece.extend_from_slice(&message);
                    });
                }
                Poll::Ready(None) => self.over = true,
                Poll::Pending => break,
            }
        }
        self.keep_alive.poll_piece(cx, piece, self.over)
    }
}
