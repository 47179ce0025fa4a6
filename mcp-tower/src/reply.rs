//! HTTP responses: the only place where a refusal becomes one.

use crate::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use mcp_core::{
    Refusal, RefusalKind, Server,
    protocol::{Era, ErrorObject, RequestId, Revision},
};

pub(crate) type Reply = Response<Body>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// One JSON object.
pub(crate) fn json(status: StatusCode, body: Bytes) -> Reply {
    let mut reply = Response::new(Body::from(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, JSON);
    reply
}

/// A status and nothing else.
pub(crate) fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(Body::empty());
    *reply.status_mut() = status;
    reply
}

/// A stream of events.
pub(crate) fn events(body: Body) -> Reply {
    let mut reply = Response::new(body);
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    let uncached = HeaderValue::from_static("no-cache, no-transform");
    headers.insert(header::CACHE_CONTROL, uncached);
    // Asks nginx and its kin not to hold events back.
    let unbuffered = HeaderValue::from_static("no");
    headers.insert("x-accel-buffering", unbuffered);
    reply
}

/// A method that is not served here.
pub(crate) fn method_not_allowed(allow: &'static str) -> Reply {
    let mut reply = error(
        StatusCode::METHOD_NOT_ALLOWED,
        &ErrorObject::invalid_request("this HTTP method is not served here"),
        None,
    );
    let allow = HeaderValue::from_static(allow);
    reply.headers_mut().insert(header::ALLOW, allow);
    reply
}

/// A JSON-RPC error about something that is no accepted message.
pub(crate) fn error(status: StatusCode, error: &ErrorObject, id: Option<&RequestId>) -> Reply {
    // What was not accepted has no revision; the newest spells errors as all others do.
    let mut reply = json(
        status,
        Server::encode_error(error, id, Revision::NEWEST_MODERN),
    );
    // A cache may keep some statuses, 404 and 405 among them, unless it is told not to.
    let unstored = HeaderValue::from_static("no-store");
    reply.headers_mut().insert(header::CACHE_CONTROL, unstored);
    reply
}

/// A message that is refused before it reaches a server.
pub(crate) fn refused(refusal: &Refusal, id: Option<&RequestId>) -> Reply {
    let mut reply = error(refusal.status(), refusal.error(), id);
    add_headers(&mut reply, refusal);
    reply
}

/// The status of a server's answer, and the headers that go with it.
pub(crate) fn decorate(reply: &mut Reply, refusal: &Refusal, era: Era) {
    *reply.status_mut() = match (era, refusal.kind()) {
        (Era::Modern, _)
        | (
            _,
            RefusalKind::Authorization
            | RefusalKind::InsufficientScope
            | RefusalKind::RateLimited
            | RefusalKind::Overloaded,
        ) => refusal.status(),
        // Legacy clients expect 200 for every message that was accepted; a 404 would even tell
        // some of them that their session is gone.
        (Era::Legacy, _) => StatusCode::OK,
    };
    add_headers(reply, refusal);
    reply.extensions_mut().insert(Refused);
}

/// Marks a reply that refuses its request, whatever its status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

fn add_headers(reply: &mut Reply, refusal: &Refusal) {
    let headers = reply.headers_mut();
    if let Some(after) = refusal.retry_after() {
        // Rounded up: too early is worse than too late.
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = refusal.challenge() {
        headers.insert(header::WWW_AUTHENTICATE, challenge.clone());
    }
}
