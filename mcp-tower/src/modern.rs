//! The modern era: self-contained requests, checked in the order of the validation ladder.

use crate::{
    headers,
    incoming::{Begun, Incoming},
    reply,
    running::{Call, Delivery, Running},
};
use http::StatusCode;
use mcp_core::{
    Claim, Facts, Reference, Refusal, Request, Server,
    protocol::{ErrorObject, RequestMessage, Revision},
};
use std::sync::Arc;

/// Begins a request.
pub(crate) fn begin(mut incoming: Incoming<'_>, message: RequestMessage) -> Begun<'static> {
    let Some(id) = message.id().cloned() else {
        // No notification of the core protocol is sent to a server over HTTP in this era.
        return reply::empty(StatusCode::ACCEPTED).into();
    };
    let server = incoming.caller.resolved.server.clone();
    let revision = match check(&server, &incoming.parts.headers, &message) {
        Ok(revision) => revision,
        Err(refusal) => return reply::refused(&refusal, Some(&id)).into(),
    };
    let is_stream = server
        .method(message.method())
        .is_some_and(|method| method.is_stream());
    if is_stream && incoming.delivery == Delivery::Json {
        let error = ErrorObject::invalid_request("`Accept` must allow text/event-stream");
        return reply::error(StatusCode::NOT_ACCEPTABLE, &error, Some(&id)).into();
    }
    let link = match server.link_with_rounds() {
        Ok(link) => Arc::new(incoming.charge(link)),
        Err(_) => return reply::refused(&Refusal::internal(Reference::new()), Some(&id)).into(),
    };
    let scopes = incoming.scopes();
    let parts = incoming.take_parts();
    let facts = Facts::new(message, revision)
        .with_scopes(scopes)
        .with_principal(incoming.caller.principal)
        .with_mount(incoming.caller.resolved.mount);
    let mut request = Request::new(facts).with_http(parts);
    if let Err(refusal) = headers::check_params(&server, &mut request) {
        return reply::refused(&refusal, Some(&id)).into();
    }
    let call = Call {
        server,
        request,
        link,
        delivery: incoming.delivery,
        event_name: incoming.caller.event_name,
    };
    Running::begin(call, None)
}

/// Rows 1 to 6 of the ladder; the server checks the rest.
fn check(
    server: &Server,
    headers: &http::HeaderMap,
    message: &RequestMessage,
) -> Result<Revision, Refusal> {
    let claim = Claim::read(message)?;
    headers::check_version(headers, claim.version())?;
    let revision = claim.check()?;
    headers::check_method(headers, message.method())?;
    if let Some(source) = server
        .method(message.method())
        .and_then(|method| method.name_source())
    {
        headers::check_name(headers, source.read(message.params()))?;
    }
    Ok(revision)
}
