//! What a GET opens: the standing stream of a session, for everything that belongs to no call, or
//! the rest of a stream that was cut.

use crate::{
    accept,
    exchange::VersionHeader,
    incoming::Caller,
    legacy,
    replay::{EventId, StreamKind},
    reply::{self, Reply},
    session::{ResumeError, Sessions, StandingError},
};
use http::{HeaderName, StatusCode, request::Parts};
use mcp_core::protocol::ErrorObject;

pub(crate) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Opens a stream. A session that has not said `notifications/initialized` yet is as good as any:
/// some clients send both at the same instant.
pub(crate) async fn open(sessions: &Sessions, parts: &Parts, caller: Caller) -> Reply {
    if VersionHeader::read(&parts.headers).is_modern() {
        return reply::method_not_allowed("POST");
    }
    if !accept::allows_events(&parts.headers) {
        return refuse(
            StatusCode::NOT_ACCEPTABLE,
            "`Accept` must allow text/event-stream",
        );
    }
    let server = caller.resolved.server.clone();
    let session = match legacy::find(sessions, &parts.headers, &caller, None) {
        Ok(session) => session,
        Err(refused) => return *refused,
    };
    let last = match last_event(parts) {
        Ok(last) => last,
        Err(refused) => return *refused,
    };
    let opened = match last {
        Some(last) if last.stream.kind == StreamKind::Call => match session.resume(last).await {
            Ok(body) => Ok(body),
            // Not 404: clients take that for the end of the session.
            Err(ResumeError::Missed) => return unknown_event(),
            Err(ResumeError::Refused(refusal)) => Err(StandingError::Refused(refusal)),
        },
        last => {
            let name = caller.event_name;
            session.stand(&server, last, name, &parts.extensions).await
        }
    };
    match opened {
        Ok(body) => reply::events(body),
        Err(StandingError::Taken) => {
            refuse(StatusCode::CONFLICT, "the session has its stream already")
        }
        Err(StandingError::Ended) => legacy::unknown_session(None),
        Err(StandingError::Refused(refusal)) => reply::refused(&refusal, None),
    }
}

/// The last event that the client has seen, when it says so.
fn last_event(parts: &Parts) -> Result<Option<EventId>, Box<Reply>> {
    let Some(value) = parts.headers.get(LAST_EVENT_ID) else {
        return Ok(None);
    };
    let event = value.to_str().ok().and_then(|text| text.parse().ok());
    event.map(Some).ok_or_else(|| Box::new(unknown_event()))
}

fn unknown_event() -> Reply {
    let message = "the event is unknown, or too long ago: the stream cannot be resumed";
    refuse(StatusCode::BAD_REQUEST, message)
}

fn refuse(status: StatusCode, message: &'static str) -> Reply {
    reply::error(status, &ErrorObject::invalid_request(message), None)
}
