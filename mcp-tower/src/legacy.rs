//! The legacy era: a handshake, and messages that belong to its conversation.

use crate::{
    exchange::{SESSION, VersionHeader},
    incoming::{Begun, Caller, Incoming},
    reply::{self, Reply},
    running::{Call, Delivery},
    session::{Ended, Session, Sessions},
};
use http::{HeaderMap, HeaderValue, StatusCode, request::Parts};
use mcp_core::{
    Client, Facts, Reference, Refusal, Request,
    call::Link,
    protocol::{ErrorObject, Message, RawJson, RequestId, RequestMessage, Revision},
};
use serde::Deserialize;
use std::sync::Arc;

/// What `initialize` says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handshake {
    protocol_version: String,
    capabilities: RawJson,
    client_info: RawJson,
}

impl Handshake {
    fn read(message: &RequestMessage) -> Result<Self, ErrorObject> {
        let params = message.raw_params().and_then(|params| params.parse().ok());
        let handshake = params.filter(|handshake: &Self| handshake.capabilities.is_object());
        handshake.ok_or_else(|| {
            let required = "`protocolVersion`, `capabilities` and `clientInfo` are required";
            ErrorObject::invalid_params(required)
        })
    }
}

/// Answers `initialize` and begins a session, unless the mount has none.
pub(crate) fn initialize(
    sessions: Option<&Sessions>,
    mut incoming: Incoming<'_>,
    message: RequestMessage,
) -> Begun {
    let Some(id) = message.id().cloned() else {
        return refuse(StatusCode::BAD_REQUEST, "`initialize` needs an id", None).into();
    };
    if incoming.parts.headers.contains_key(SESSION) {
        let message = "`initialize` opens a session and cannot be part of one";
        return refuse(StatusCode::BAD_REQUEST, message, Some(&id)).into();
    }
    let handshake = match Handshake::read(&message) {
        Ok(handshake) => handshake,
        Err(error) => return reply::error(StatusCode::OK, &error, Some(&id)).into(),
    };
    let revision = Revision::negotiate(&handshake.protocol_version);
    let client = Client::new(Some(handshake.capabilities), Some(handshake.client_info));
    let server = incoming.caller.resolved.server.clone();
    let opened = sessions.map(|sessions| open(sessions, &incoming.caller, revision, &client));
    let (token, session) = match opened.transpose() {
        Ok(opened) => opened.unzip(),
        Err(refusal) => return reply::refused(&refusal, Some(&id)).into(),
    };
    let facts = facts(&incoming, message, revision).with_client(client);
    let link = Arc::new(incoming.charge(Link::new()));
    let request = with_session(Request::new(facts), session).with_http(incoming.take_parts());
    // Not resumable: whoever has not seen the answer does not know the session either.
    match (
        Call::begin(server, request, link, incoming.delivery, None),
        token,
    ) {
        (Begun::Call(call), Some(token)) => Begun::Call(call.opening(token)),
        (begun, _) => begun,
    }
}

/// Begins a session. Nothing is kept of it here.
fn open(
    sessions: &Sessions,
    caller: &Caller,
    revision: Revision,
    client: &Client,
) -> Result<(HeaderValue, Arc<Session>), Refusal> {
    let internal = |error: &dyn std::error::Error| {
        Refusal::internal(Reference::log(&format!(
            "no session could be sealed: {error}"
        )))
    };
    let keys = caller.resolved.server.keys();
    let keys = keys.map_err(|error| internal(&error))?;
    let opened = sessions.open(
        &keys,
        caller.owner(),
        caller.payer.clone(),
        revision,
        client,
    );
    let (token, session) = opened.map_err(|error| internal(&error))?;
    let token = HeaderValue::try_from(token).map_err(|error| internal(&error))?;
    Ok((token, session))
}

/// Begins to answer any other message.
pub(crate) fn begin(
    sessions: Option<&Sessions>,
    incoming: Incoming<'_>,
    message: Message,
) -> Begun {
    let id = match &message {
        Message::Request(message) => message.id(),
        Message::Response(_) => None,
    };
    let headers = &incoming.parts.headers;
    let found = sessions.map(|sessions| find(sessions, headers, &incoming.caller, id));
    let session = match found.transpose() {
        Ok(session) => session,
        Err(refused) => return (*refused).into(),
    };
    match message {
        Message::Request(message) if message.id().is_some() => call(incoming, message, session),
        Message::Request(message) => Begun::Later(Box::pin(async move {
            notified(session.as_deref(), &message).await;
            reply::empty(StatusCode::ACCEPTED)
        })),
        Message::Response(response) => Begun::Later(Box::pin(async move {
            // Whether anyone still waits is no business of the client's.
            let answered = match session {
                Some(session) => session.answer(&response).await,
                None => Ok(()),
            };
            match answered {
                Ok(()) => reply::empty(StatusCode::ACCEPTED),
                Err(refusal) => reply::refused(&refusal, None),
            }
        })),
    }
}

/// Begins a request.
fn call(
    mut incoming: Incoming<'_>,
    message: RequestMessage,
    session: Option<Arc<Session>>,
) -> Begun {
    let (revision, client, level) = match &session {
        Some(session) => (
            session.revision(),
            session.client().clone(),
            Some(session.log_level()),
        ),
        None => (
            stateless_revision(&incoming.parts.headers),
            Client::default(),
            // Without a session, logging is not advertised.
            None,
        ),
    };
    let link = match &session {
        Some(session) if incoming.delivery != Delivery::Json => {
            Link::with_client(session.clone()).resumable(session.is_primed())
        }
        _ => Link::new(),
    };
    let link = Arc::new(incoming.charge(link));
    let server = incoming.caller.resolved.server.clone();
    let facts = facts(&incoming, message, revision)
        .with_client(client)
        .with_log_level(level);
    let request = with_session(Request::new(facts), session.clone());
    let request = request.with_http(incoming.take_parts());
    Call::begin(server, request, link, incoming.delivery, session)
}

/// Ends a session.
pub(crate) async fn delete(sessions: &Sessions, parts: &Parts, caller: Caller) -> Reply {
    if VersionHeader::read(&parts.headers).is_modern() {
        return reply::method_not_allowed("POST");
    }
    match find(sessions, &parts.headers, &caller, None) {
        Ok(session) => match session.end(caller.resolved.server.has_shared_keys()).await {
            Ended::Yes => reply::empty(StatusCode::NO_CONTENT),
            Ended::No => reply::method_not_allowed("GET, POST"),
            Ended::Refused(refusal) => reply::refused(&refusal, None),
        },
        Err(refused) => *refused,
    }
}

fn with_session(request: Request, session: Option<Arc<Session>>) -> Request {
    match session {
        Some(session) => request.with_session(session),
        None => request,
    }
}

fn facts(incoming: &Incoming<'_>, message: RequestMessage, revision: Revision) -> Facts {
    Facts::new(message, revision)
        .with_principal(incoming.caller.principal.clone())
        .with_scopes(incoming.scopes())
        .with_mount(incoming.caller.resolved.mount.clone())
}

/// The session that a request names, when it is the caller's.
pub(crate) fn find(
    sessions: &Sessions,
    headers: &HeaderMap,
    caller: &Caller,
    message: Option<&RequestId>,
) -> Result<Arc<Session>, Box<Reply>> {
    let Some(id) = headers.get(SESSION) else {
        let text = "`Mcp-Session-Id` is required; `initialize` opens a session";
        return Err(Box::new(refuse(StatusCode::BAD_REQUEST, text, message)));
    };
    // Without keys nothing was sealed that could be opened.
    let keys = caller.resolved.server.keys().ok();
    let opened = keys.zip(id.to_str().ok());
    let session = opened
        .and_then(|(keys, id)| sessions.find(&keys, caller.owner(), caller.payer.clone(), id));
    session.ok_or_else(|| Box::new(unknown_session(message)))
}

/// What a request without a session speaks.
fn stateless_revision(headers: &HeaderMap) -> Revision {
    match VersionHeader::read(headers) {
        VersionHeader::Legacy(revision) => revision,
        VersionHeader::Absent | VersionHeader::Other => Revision::ASSUMED,
    }
}

/// Takes note of a notification. Unknown and malformed ones are ignored.
async fn notified(session: Option<&Session>, message: &RequestMessage) {
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
        session.cancel(&cancelled.request_id).await;
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
