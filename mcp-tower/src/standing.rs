//! The standing stream of a session: what a GET opens, for everything that belongs to no call.

use crate::{
    accept::Accepts,
    body::Body,
    exchange::VersionHeader,
    keep_alive::KeepAlive,
    legacy,
    reply::{self, Reply},
    resolve::Resolved,
    session::{Busy, Sessions, StandingError},
    sse,
};
use bytes::{Bytes, BytesMut};
use http::{HeaderName, StatusCode, request::Parts};
use mcp_core::{Listener, Principal, protocol::ErrorObject};
use std::task::{Context, Poll};

pub(crate) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Opens the stream of a session. A session that has not said `notifications/initialized` yet is
/// as good as any: some clients send both at the same instant.
pub(crate) fn open(
    sessions: &Sessions,
    parts: &Parts,
    principal: Principal,
    resolved: &Resolved,
) -> Reply {
    if VersionHeader::read(&parts.headers).is_modern() {
        return reply::method_not_allowed("POST");
    }
    if !Accepts::read(&parts.headers).sse {
        return refuse(
            StatusCode::NOT_ACCEPTABLE,
            "`Accept` must allow text/event-stream",
        );
    }
    let (id, owner) = match legacy::session_key(&parts.headers, principal, resolved, None) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    let Some(session) = sessions.find(&id, &owner) else {
        return legacy::unknown_session(None);
    };
    // No event of this server has an id, so there is none that could be the last one.
    if parts.headers.contains_key(LAST_EVENT_ID) {
        return refuse(
            StatusCode::BAD_REQUEST,
            "the event is unknown; streams cannot be resumed",
        );
    }
    let listen = || resolved.server.listen(session.state().clone());
    match session.stand(listen) {
        Ok(listener) => reply::events(Body::standing(Standing {
            _busy: sessions.busy(&id),
            listener,
            keep_alive: KeepAlive::new(),
            over: false,
        })),
        Err(StandingError::Taken) => {
            refuse(StatusCode::CONFLICT, "the session has its stream already")
        }
        Err(StandingError::Ended) => legacy::unknown_session(None),
        Err(StandingError::Refused(refusal)) => reply::refused(&refusal, None),
    }
}

fn refuse(status: StatusCode, message: &'static str) -> Reply {
    reply::error(status, &ErrorObject::invalid_request(message), None)
}

/// The events of a standing stream. Dropping it, as a connection does whose client has gone, frees
/// its place in the session.
pub(crate) struct Standing {
    /// Dropped first: the session counts as used just now before its place is free.
    _busy: Busy,
    listener: Listener,
    keep_alive: KeepAlive,
    over: bool,
}

impl Standing {
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// The next event. One at a time: what is not taken yet is told once, however often it
    /// happens.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.over {
            return Poll::Ready(None);
        }
        match self.listener.poll_next(cx) {
            Poll::Ready(Some(notification)) => {
                let mut event = BytesMut::new();
                sse::write_notification(&mut event, &notification);
                self.keep_alive.reset();
                Poll::Ready(Some(event.freeze()))
            }
            Poll::Ready(None) => {
                self.over = true;
                Poll::Ready(None)
            }
            Poll::Pending => self.keep_alive.poll(cx).map(Some),
        }
    }
}
