//! Where the events of a stream come from.

use super::event_id::EventId;
use crate::sse::{self, EventName};
use bytes::BytesMut;
use mcp_core::{
    Listener, Server,
    call::{Link, Outgoing},
    protocol::{RequestId, Revision, put_on_one_line},
};
use std::{
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

/// What a stream tells.
pub(crate) enum Source {
    /// What a call emits, and its answer.
    Call(Box<CallSource>),
    /// What happens outside of calls.
    Standing(Listener, EventName),
}

/// The reading end of a call.
#[derive(Clone)]
pub(crate) struct CallSource {
    pub(crate) link: Arc<Link>,
    pub(crate) server: Server,
    pub(crate) id: RequestId,
    pub(crate) revision: Revision,
    pub(crate) event_name: EventName,
}

/// What a source has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrote {
    Event,
    /// An event, and nothing follows.
    Last,
    /// No event: nothing follows.
    Nothing,
    /// No event: nothing follows here, and the client may find what does elsewhere.
    Closed,
    /// No event: the connection ends here, and the client comes back after this time.
    HangUp(Duration),
}

impl Source {
    /// Writes the next event under this name.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        piece: &mut BytesMut,
        id: EventId,
    ) -> Poll<Wrote> {
        match self {
            Self::Call(call) => call.poll(cx, piece, Some(id)),
            Self::Standing(listener, name) => Poll::Ready(match ready!(listener.poll_next(cx)) {
                Some(notification) => {
                    sse::write_notification(piece, Some(id), *name, &notification);
                    Wrote::Event
                }
                None => Wrote::Closed,
            }),
        }
    }
}

impl CallSource {
    /// Writes the next thing that the call says, under this name where its stream has names.
    pub(crate) fn poll(
        &self,
        cx: &mut Context<'_>,
        piece: &mut BytesMut,
        id: Option<EventId>,
    ) -> Poll<Wrote> {
        Poll::Ready(match ready!(self.link.poll_next(cx)) {
            Some(Outgoing::Notification(notification)) => {
                sse::write_notification(piece, id, self.event_name, &notification);
                Wrote::Event
            }
            Some(Outgoing::Request(request)) => {
                sse::write_request(piece, id, self.event_name, &request);
                Wrote::Event
            }
            Some(Outgoing::Answer(answer)) => {
                let answer = self.server.encode(answer, &self.id, self.revision);
                sse::write_event(piece, id, self.event_name, |piece| {
                    put_on_one_line(piece, &answer);
                });
                Wrote::Last
            }
            Some(Outgoing::HangUp(retry)) => Wrote::HangUp(retry),
            Some(_) | None => Wrote::Nothing,
        })
    }
}
