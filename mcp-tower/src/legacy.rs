//! The legacy era: a handshake, and messages that belong to its conversation.

use crate::{
    endpoint::Incoming,
    exchange::{LegacyMessage, SESSION, VersionHeader},
    reply::{self, Reply},
    resolve::Resolved,
    running::{self, Delivery},
    session::{Owner, Session, Sessions},
};
use http::{HeaderMap, StatusCode, request::Parts};
use mcp_core::{
    Client, Facts, Principal, Refusal, Request,
    call::{CancelReason, Link},
    protocol::{ErrorObject, LogLevel, RawJson, RequestId, RequestMessage, Revision},
};
use serde::Deserialize;
use std::{borrow::Cow, sync::Arc, time::Duration};

/// What `initialize` says. The parts that are kept stay raw.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handshake {
    protocol_version: String,
    capabilities: RawJson,
    client_info: RawJson,
}

/// Answers `initialize` and opens a session, unless the mount has none.
pub(crate) async fn initialize(
    sessions: Option<&Sessions>,
    incoming: Incoming,
    message: RequestMessage,
) -> Reply {
    let Some(id) = message.id().cloned() else {
        return refuse(StatusCode::BAD_REQUEST, "`initialize` needs an id", None);
    };
    if incoming.parts.headers.contains_key(SESSION) {
        let message = "`initialize` opens a session and cannot be part of one";
        return refuse(StatusCode::BAD_REQUEST, message, Some(&id));
    }
    let handshake = message
        .raw_params()
        .and_then(|params| params.parse::<Handshake>().ok());
    let Some(handshake) = handshake.filter(|handshake| handshake.capabilities.is_object()) else {
        let error = "`protocolVersion`, `capabilities` and `clientInfo` are required";
        let error = ErrorObject::invalid_params(error);
        return reply::error(StatusCode::OK, &error, Some(&id));
    };
    let revision = Revision::negotiate(&handshake.protocol_version);
    let client = Client::new(Some(handshake.capabilities), Some(handshake.client_info));
    let owner = Owner::new(incoming.principal.clone(), incoming.resolved.mount.clone());
    let opened = match sessions {
        None => None,
        Some(sessions) => match sessions.open(owner, Session::new(revision, client.clone())) {
            Ok(opened) => Some(opened),
            Err(refusal) => return reply::refused(&refusal, Some(&id)),
        },
    };
    let server = incoming.resolved.server.clone();
    let facts = facts(&incoming, message, revision).with_client(client);
    let request = Request::new(facts).with_http(incoming.parts);
    let link = Arc::new(Link::new());
    let mut reply = running::answer(&server, request, link, incoming.delivery).await;
    if let Some(opened) = opened {
        reply.headers_mut().insert(SESSION, opened);
    }
    reply
}

/// Answers any other message.
pub(crate) async fn handle(
    sessions: Option<&Sessions>,
    incoming: Incoming,
    message: LegacyMessage,
) -> Reply {
    let session = match session(sessions, &incoming) {
        Ok(session) => session,
        Err(refused) => return *refused,
    };
    let message = match message {
        LegacyMessage::Request(message) => message,
        LegacyMessage::Response(response) => {
            // Whether anyone still waits is no business of the client's.
            if let Some(session) = session {
                session.questions().answer(&response);
            }
            return reply::empty(StatusCode::ACCEPTED);
        }
    };
    let Some(id) = message.id().cloned() else {
        notified(session.as_deref(), &message);
        return reply::empty(StatusCode::ACCEPTED);
    };
    let server = incoming.resolved.server.clone();
    let link = match &session {
        Some(session) if incoming.delivery != Delivery::Json => {
            Arc::new(Link::with_client(session.questions().clone()))
        }
        _ => Arc::new(Link::new()),
    };
    let (revision, client) = match &session {
        Some(session) => (session.revision(), session.client().clone()),
        None => (
            stateless_revision(&incoming.parts.headers),
            Client::default(),
        ),
    };
    if let Some(session) = &session {
        session.run(id, &link);
    }
    let facts = facts(&incoming, message, revision)
        .with_client(client)
        .with_log_level(Some(LogLevel::Info));
    let request = Request::new(facts).with_http(incoming.parts);
    running::answer(&server, request, link, incoming.delivery).await
}

/// Ends a session.
pub(crate) fn delete(
    sessions: &Sessions,
    parts: &Parts,
    principal: Principal,
    resolved: &Resolved,
) -> Reply {
    if VersionHeader::read(&parts.headers).is_modern() {
        return reply::method_not_allowed("POST");
    }
    let Some(id) = session_id(&parts.headers) else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "`Mcp-Session-Id` is required",
            None,
        );
    };
    let owner = Owner::new(principal, resolved.mount.clone());
    if sessions.close(&id, &owner) {
        reply::empty(StatusCode::NO_CONTENT)
    } else {
        unknown_session(None)
    }
}

fn facts(incoming: &Incoming, message: RequestMessage, revision: Revision) -> Facts {
    Facts::new(message, revision)
        .with_principal(incoming.principal.clone())
        .with_mount(incoming.resolved.mount.clone())
}

/// The session a message belongs to; none on a mount without sessions.
fn session(
    sessions: Option<&Sessions>,
    incoming: &Incoming,
) -> Result<Option<Arc<Session>>, Box<Reply>> {
    let Some(sessions) = sessions else {
        return Ok(None);
    };
    let Some(id) = session_id(&incoming.parts.headers) else {
        let message = "`Mcp-Session-Id` is required; `initialize` opens a session";
        return Err(Box::new(refuse(StatusCode::BAD_REQUEST, message, None)));
    };
    let owner = Owner::new(incoming.principal.clone(), incoming.resolved.mount.clone());
    match sessions.find(&id, &owner) {
        Some(session) => Ok(Some(session)),
        None => Err(Box::new(unknown_session(None))),
    }
}

fn session_id(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    headers.get(SESSION)?.to_str().ok().map(Cow::Borrowed)
}

/// What a request without a session speaks.
fn stateless_revision(headers: &HeaderMap) -> Revision {
    match VersionHeader::read(headers) {
        VersionHeader::Legacy(revision) => revision,
        VersionHeader::Absent | VersionHeader::Other => Revision::ASSUMED,
    }
}

/// Takes note of a notification. Unknown and malformed ones are ignored.
fn notified(session: Option<&Session>, message: &RequestMessage) {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Cancelled {
        request_id: RequestId,
    }
    if message.method() != "notifications/cancelled" {
        return;
    }
    let cancelled = message
        .raw_params()
        .and_then(|params| params.parse::<Cancelled>().ok());
    if let (Some(session), Some(cancelled)) = (session, cancelled) {
        session.cancel(&cancelled.request_id, CancelReason::Requested);
    }
}

fn unknown_session(id: Option<&RequestId>) -> Reply {
    refuse(
        StatusCode::NOT_FOUND,
        "the session is unknown or has ended",
        id,
    )
}

fn refuse(status: StatusCode, message: &'static str, id: Option<&RequestId>) -> Reply {
    reply::error(status, &ErrorObject::invalid_request(message), id)
}

/// No room for another session.
pub(crate) fn full() -> Refusal {
    Refusal::overloaded().with_retry_after(Duration::from_secs(60))
}
