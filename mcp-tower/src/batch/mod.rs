//! Several messages in one body, which only 2025-03-26 knows.

mod answers;

pub(crate) use answers::BatchEvents;

use crate::{
    endpoint::Endpoint,
    exchange::VersionHeader,
    incoming::Incoming,
    legacy,
    reply::{self, Reply},
    session::Session,
};
use answers::Answers;
use bytes::Bytes;
use http::StatusCode;
use mcp_core::{
    Batch, Refusal,
    governor::{Budget, Permit},
    protocol::{ErrorObject, ParseError, RequestMessage},
};
use std::sync::Arc;

/// Answers a batch: with one array when all its calls are silent, else with one stream. Its calls
/// run side by side, and each counts for itself. Such a stream cannot be resumed.
pub(crate) async fn handle(endpoint: &Endpoint, mut incoming: Incoming<'_>, body: Bytes) -> Reply {
    let refuse = |error: &ErrorObject| reply::error(StatusCode::BAD_REQUEST, error, None);
    if VersionHeader::read(&incoming.parts.headers).is_modern() {
        return refuse(&ErrorObject::invalid_request(
            "this revision has no batches",
        ));
    }
    let session = match legacy::session(endpoint.sessions(), &incoming, None) {
        Ok(session) => session,
        Err(refused) => return *refused,
    };
    let revision = legacy::revision(session.as_deref(), &incoming);
    if !revision.has_batches() {
        return refuse(&ErrorObject::invalid_request(
            "this revision has no batches",
        ));
    }
    let limits = &endpoint.limits;
    let batch = match Batch::read(&body, limits.depth, limits.batch_messages) {
        Ok(batch) => batch,
        Err(error) => return refuse(&error),
    };
    match batch {
        Batch::Responses(responses) => {
            for response in &responses {
                if let Err(refusal) = legacy::answered(session.as_deref(), response).await {
                    return reply::refused(&refusal, None);
                }
            }
            reply::empty(StatusCode::ACCEPTED)
        }
        Batch::Requests(requests) => {
            // Its messages are copies, which are paid for one by one.
            drop(body);
            incoming.bytes = None;
            run(endpoint, &incoming, requests, session).await
        }
    }
}

/// Takes note of the notifications, and runs the calls.
async fn run(
    endpoint: &Endpoint,
    incoming: &Incoming<'_>,
    messages: Vec<Result<RequestMessage, ParseError>>,
    session: Option<Arc<Session>>,
) -> Reply {
    let revision = legacy::revision(session.as_deref(), incoming);
    let mut answers = Answers::new(
        incoming.delivery,
        incoming.caller.event_name,
        session.clone(),
        revision,
    );
    // One that the same batch cancels has to be known before it runs.
    let is_cancelling = messages
        .iter()
        .flatten()
        .any(|message| message.id().is_none() && message.method() == "notifications/cancelled");
    let mut refused = None;
    for message in messages {
        let message = match message {
            Ok(message) => message,
            Err(error) => {
                answers.refuse(error.id(), &error.to_error());
                continue;
            }
        };
        let Some(id) = message.id().cloned() else {
            if let Err(refusal) = legacy::notified(session.as_deref(), &message).await {
                refused = Some(refusal);
            }
            continue;
        };
        if let Err(error) = legacy::check_ready(session.as_deref(), &message) {
            answers.refuse(Some(&id), &error);
            continue;
        }
        match permits(endpoint, incoming, &message) {
            Ok((call, bytes)) => {
                // As if it had come alone.
                let alone = Incoming {
                    parts: &mut incoming.parts.clone(),
                    caller: incoming.caller.clone(),
                    delivery: incoming.delivery,
                    call: Some(call),
                    bytes: Some(bytes),
                };
                let call = legacy::prepare(alone, message, session.clone());
                answers.start(id, call, is_cancelling);
            }
            Err(refusal) => answers.refuse(Some(&id), refusal.error()),
        }
    }
    match refused {
        // What runs already is answered.
        Some(refusal) if answers.is_empty() => reply::refused(&refusal, None),
        _ => answers.reply().await,
    }
}

/// What one call of a batch holds.
fn permits(
    endpoint: &Endpoint,
    incoming: &Incoming<'_>,
    message: &RequestMessage,
) -> Result<(Permit, Permit), Refusal> {
    let call = endpoint.permit(incoming, message.method())?;
    let mut bytes = call.beside(Budget::BodyBytes);
    bytes.try_grow(message.raw().as_bytes().len())?;
    Ok((call, bytes))
}
