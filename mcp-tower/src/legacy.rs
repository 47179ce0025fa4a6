//! The legacy era: a handshake, and messages that belong to its conversation.

use crate::{
    endpoint::Incoming,
    exchange::{LegacyMessage, SESSION, VersionHeader},
    reply::{self, Refused, Reply},
    resolve::Resolved,
    running::{self, Delivery},
    session::{Owner, Session, Sessions},
};
use http::{HeaderMap, StatusCode, request::Parts};
use mcp_core::{
    Client, Facts, Principal, Refusal, Request, SessionState,
    call::{CancelReason, Link},
    protocol::{ErrorObject, RawJson, RequestId, RequestMessage, Revision},
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

impl Handshake {
    /// The most bytes of what a session keeps of its client.
    const MAX_KEPT: usize = 8 * 1024;

    fn read(message: &RequestMessage) -> Result<Self, ErrorObject> {
        let params = message.raw_params().and_then(|params| params.parse().ok());
        let handshake = params.filter(|handshake: &Self| handshake.capabilities.is_object());
        let handshake = handshake.ok_or_else(|| {
            let required = "`protocolVersion`, `capabilities` and `clientInfo` are required";
            ErrorObject::invalid_params(required)
        })?;
        let kept = handshake.capabilities.as_str().len() + handshake.client_info.as_str().len();
        if kept > Self::MAX_KEPT {
            let long = "`capabilities` and `clientInfo` are too long";
            return Err(ErrorObject::invalid_params(long));
        }
        Ok(handshake)
    }
}

/// Answers `initialize` and opens a session, unless the mount has none.
pub(crate) async fn initialize(
    sessions: Option<&Sessions>,
    mut incoming: Incoming,
    message: RequestMessage,
) -> Reply {
    let Some(id) = message.id().cloned() else {
        return refuse(StatusCode::BAD_REQUEST, "`initialize` needs an id", None);
    };
    if incoming.parts.headers.contains_key(SESSION) {
        let message = "`initialize` opens a session and cannot be part of one";
        return refuse(StatusCode::BAD_REQUEST, message, Some(&id));
    }
    let handshake = match Handshake::read(&message) {
        Ok(handshake) => handshake,
        Err(error) => return reply::error(StatusCode::OK, &error, Some(&id)),
    };
    let revision = Revision::negotiate(&handshake.protocol_version);
    let client = Client::new(Some(handshake.capabilities), Some(handshake.client_info));
    let owner = Owner::new(incoming.principal.clone(), incoming.resolved.mount.clone());
    let session = Session::new(revision, client.clone());
    let state = sessions.map(|_| session.state().clone());
    let opened = match sessions {
        None => None,
        Some(sessions) => match sessions.open(owner.clone(), session) {
            Ok(opened) => Some(opened),
            Err(refusal) => return reply::refused(&refusal, Some(&id)),
        },
    };
    let server = incoming.resolved.server.clone();
    let facts = facts(&incoming, message, revision).with_client(client);
    let link = Arc::new(incoming.charge(Link::new()));
    let request = with_session(Request::new(facts), state).with_http(incoming.parts);
    let mut reply = running::answer(&server, request, link, incoming.delivery).await;
    match (opened, sessions) {
        // Whoever is refused has no session.
        (Some(opened), Some(sessions)) if reply.extensions().get::<Refused>().is_some() => {
            sessions.close(opened.to_str().unwrap_or_default(), &owner);
        }
        (Some(opened), _) => {
            reply.headers_mut().insert(SESSION, opened);
        }
        (None, _) => {}
    }
    reply
}

/// Answers any other message.
pub(crate) async fn handle(
    sessions: Option<&Sessions>,
    mut incoming: Incoming,
    message: LegacyMessage,
) -> Reply {
    let id = match &message {
        LegacyMessage::Request(message) => message.id(),
        LegacyMessage::Response(_) => None,
    };
    let session = match session(sessions, &incoming, id) {
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
            Link::with_client(session.questions().clone())
        }
        _ => Link::new(),
    };
    // A session is used until its last call ends, wherever that goes.
    let busy = sessions.zip(session_id(&incoming.parts.headers));
    let busy = busy.map(|(sessions, id)| sessions.busy(&id));
    let link = Arc::new(incoming.charge(link.holding(busy)));
    let (revision, client) = match &session {
        Some(session) => (session.revision(), session.client().clone()),
        None => (
            stateless_revision(&incoming.parts.headers),
            Client::default(),
        ),
    };
    let running = session
        .as_ref()
        .map(|session| session.run(id.clone(), &link));
    if running == Some(false) {
        return reply::refused(&Refusal::overloaded(), Some(&id));
    }
    // Without a session, logging is not advertised.
    let level = session.as_ref().map(|session| session.state().log_level());
    let facts = facts(&incoming, message, revision)
        .with_client(client)
        .with_log_level(level);
    let state = session.map(|session| session.state().clone());
    let request = with_session(Request::new(facts), state).with_http(incoming.parts);
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
    let (id, owner) = match session_key(&parts.headers, principal, resolved, None) {
        Ok(key) => key,
        Err(refused) => return *refused,
    };
    if sessions.close(&id, &owner) {
        reply::empty(StatusCode::NO_CONTENT)
    } else {
        unknown_session(None)
    }
}

fn with_session(request: Request, state: Option<Arc<SessionState>>) -> Request {
    match state {
        Some(state) => request.with_session(state),
        None => request,
    }
}

fn facts(incoming: &Incoming, message: RequestMessage, revision: Revision) -> Facts {
    Facts::new(message, revision)
        .with_principal(incoming.principal.clone())
        .with_scopes(incoming.scopes())
        .with_mount(incoming.resolved.mount.clone())
}

/// The session a message belongs to; none on a mount without sessions.
fn session(
    sessions: Option<&Sessions>,
    incoming: &Incoming,
    message: Option<&RequestId>,
) -> Result<Option<Arc<Session>>, Box<Reply>> {
    let Some(sessions) = sessions else {
        return Ok(None);
    };
    let (headers, principal) = (&incoming.parts.headers, incoming.principal.clone());
    let (id, owner) = session_key(headers, principal, &incoming.resolved, message)?;
    match sessions.find(&id, &owner) {
        Some(session) => Ok(Some(session)),
        None => Err(Box::new(unknown_session(message))),
    }
}

/// The session a request names, and whose it would have to be.
pub(crate) fn session_key<'a>(
    headers: &'a HeaderMap,
    principal: Principal,
    resolved: &Resolved,
    message: Option<&RequestId>,
) -> Result<(Cow<'a, str>, Owner), Box<Reply>> {
    let Some(id) = session_id(headers) else {
        let text = "`Mcp-Session-Id` is required; `initialize` opens a session";
        return Err(Box::new(refuse(StatusCode::BAD_REQUEST, text, message)));
    };
    Ok((id, Owner::new(principal, resolved.mount.clone())))
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

pub(crate) fn unknown_session(id: Option<&RequestId>) -> Reply {
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
