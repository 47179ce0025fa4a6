//! The legacy era: a handshake, and messages that belong to its conversation.

use crate::{
    exchange::{SESSION, VersionHeader},
    incoming::{Begun, Caller, Incoming},
    reply::{self, Reply},
    running::{Call, Delivery, Running},
    session::{Ended, Session, Sessions},
};
use http::{HeaderMap, HeaderValue, StatusCode, request::Parts};
use mcp_core::{
    Client, Facts, Handshake, Quirks, Reference, Refusal, Request,
    call::Link,
    protocol::{
        Cancelled, ErrorObject, Message, RequestId, RequestMessage, ResponseMessage, Revision,
    },
};
use std::sync::Arc;

/// Answers `initialize` and begins a session, unless the mount has none.
pub(crate) fn initialize(
    sessions: Option<&Sessions>,
    mut incoming: Incoming<'_>,
    message: RequestMessage,
) -> Begun<'static> {
    let Some(id) = message.id().cloned() else {
        return refuse(StatusCode::BAD_REQUEST, "`initialize` needs an id", None).into();
    };
    if incoming.parts.headers.contains_key(SESSION) {
        let message = "`initialize` opens a session and cannot be part of one";
        return refuse(StatusCode::BAD_REQUEST, message, Some(&id)).into();
    }
    let handshake = match Handshake::read(&message, Quirks::of(&incoming.parts.extensions)) {
        Ok(handshake) => handshake,
        Err(error) => return reply::error(StatusCode::OK, &error, Some(&id)).into(),
    };
    let Handshake {
        revision, client, ..
    } = handshake;
    let server = incoming.caller.resolved.server.clone();
    let opened = sessions.map(|sessions| open(sessions, &incoming.caller, revision, &client));
    let (token, session) = match opened.transpose() {
        Ok(opened) => opened.unzip(),
        Err(refusal) => return reply::refused(&refusal, Some(&id)).into(),
    };
    let facts = facts(&incoming, message, revision).with_client(client);
    let link = Arc::new(incoming.charge(Link::new()));
    let request = with_session(Request::new(facts), session).with_http(incoming.take_parts());
    let call = Call {
        server,
        request,
        link,
        delivery: incoming.delivery,
        event_name: incoming.caller.event_name,
    };
    // Not resumable: whoever has not seen the answer does not know the session either.
    match (Running::begin(call, None), token) {
        (Begun::Running(running), Some(token)) => Begun::Running(running.opening(token)),
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
) -> Begun<'static> {
    let id = match &message {
        Message::Request(message) => message.id(),
        Message::Response(_) => None,
    };
    let session = match session(sessions, &incoming, id) {
        Ok(session) => session,
        Err(refused) => return (*refused).into(),
    };
    match message {
        Message::Request(message) if message.id().is_some() => {
            if let Err(error) = check_ready(session.as_deref(), &message) {
                return reply::error(StatusCode::BAD_REQUEST, &error, message.id()).into();
            }
            let call = prepare(incoming, message, session.clone());
            Running::begin(call, session)
        }
        Message::Request(message) => Begun::Later(Box::pin(async move {
            noted(notified(session.as_deref(), &message).await)
        })),
        Message::Response(response) => Begun::Later(Box::pin(async move {
            noted(answered(session.as_deref(), &response).await)
        })),
    }
}

fn noted(noted: Result<(), Refusal>) -> Reply {
    match noted {
        Ok(()) => reply::empty(StatusCode::ACCEPTED),
        Err(refusal) => reply::refused(&refusal, None),
    }
}

/// The session that a request belongs to, where the mount has any and the request needs one.
pub(crate) fn session(
    sessions: Option<&Sessions>,
    incoming: &Incoming<'_>,
    id: Option<&RequestId>,
) -> Result<Option<Arc<Session>>, Box<Reply>> {
    let Parts {
        headers,
        extensions,
        ..
    } = &*incoming.parts;
    let is_alone = || Quirks::of(extensions).is_some_and(Quirks::is_without_handshake);
    if !headers.contains_key(SESSION) && is_alone() {
        return Ok(None);
    }
    let found = sessions.map(|sessions| find(sessions, headers, &incoming.caller, id));
    found.transpose()
}

/// What a request speaks.
pub(crate) fn revision(session: Option<&Session>, incoming: &Incoming<'_>) -> Revision {
    match session {
        Some(session) => session.revision(),
        None => stateless_revision(incoming.parts),
    }
}

/// Makes a request ready to run.
pub(crate) fn prepare(
    mut incoming: Incoming<'_>,
    message: RequestMessage,
    session: Option<Arc<Session>>,
) -> Call {
    let revision = revision(session.as_deref(), &incoming);
    let (client, level) = match &session {
        Some(session) => (session.client().clone(), Some(session.log_level())),
        // Without a session, logging is not advertised.
        None => (Client::default(), None),
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
    let request = with_session(Request::new(facts), session).with_http(incoming.take_parts());
    Call {
        server,
        request,
        link,
        delivery: incoming.delivery,
        event_name: incoming.caller.event_name,
    }
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
fn stateless_revision(parts: &Parts) -> Revision {
    match VersionHeader::read(&parts.headers) {
        VersionHeader::Legacy(revision) => revision,
        VersionHeader::Absent | VersionHeader::Other => Quirks::of(&parts.extensions)
            .and_then(Quirks::forced_revision)
            .unwrap_or(Revision::ASSUMED),
    }
}

/// Takes note of a notification. Unknown and malformed ones are ignored.
pub(crate) async fn notified(
    session: Option<&Session>,
    message: &RequestMessage,
) -> Result<(), Refusal> {
    let Some(session) = session else {
        return Ok(());
    };
    if message.method() == "notifications/initialized" {
        session.initialized().await?;
    }
    if let Some(cancelled) = Cancelled::read(message) {
        session.cancel(&cancelled.request_id).await;
    }
    Ok(())
}

/// Hands an answer to whoever has asked. Whether anyone still waits is no business of the client's.
pub(crate) async fn answered(
    session: Option<&Session>,
    response: &ResponseMessage,
) -> Result<(), Refusal> {
    match session {
        Some(session) => session.answer(response).await,
        None => Ok(()),
    }
}

/// Whether a call comes before its client is ready, where that is asked for.
pub(crate) fn check_ready(
    session: Option<&Session>,
    message: &RequestMessage,
) -> Result<(), ErrorObject> {
    if session.is_none_or(Session::is_initialized) || message.method() == "ping" {
        return Ok(());
    }
    let text = "`notifications/initialized` comes before the first call";
    Err(ErrorObject::invalid_request(text))
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
