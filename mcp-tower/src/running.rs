//! Driving one call to its answer: JSON while it is silent, a stream once it has spoken.

use crate::{
    body::Body,
    reply::{self, Reply},
    sse::Events,
};
use http::StatusCode;
use mcp_core::{
    Request, Response, Server,
    call::{CallEvent, CancelReason, Link, RunningCall},
    protocol::{Era, RequestId, Revision},
};
use std::{future::poll_fn, sync::Arc};

/// How an answer may be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As JSON unless something is emitted first.
    Either,
    /// As JSON; what is emitted is dropped.
    Json,
    /// As events.
    Events,
}

/// Runs a request and answers it.
pub(crate) async fn answer(
    server: &Server,
    request: Request,
    link: Arc<Link>,
    delivery: Delivery,
) -> Reply {
    let revision = request.facts().revision;
    let Some(id) = request.facts().message.id().cloned() else {
        return reply::empty(StatusCode::ACCEPTED);
    };
    if delivery == Delivery::Json {
        link.detach();
    }
    let request = request.with_peer(link.clone());
    let mut held = Held {
        call: Some(RunningCall::start(server, request, link)),
        era: revision.era(),
    };
    let happened = match &mut held.call {
        Some(call) => poll_fn(|cx| call.poll_event(cx)).await,
        None => CallEvent::Cancelled,
    };
    // From here on dropping the response is the stream's business.
    let Some(call) = held.call.take() else {
        return reply::empty(StatusCode::ACCEPTED);
    };
    let link = call.link().clone();
    match happened {
        CallEvent::Done(response) if delivery != Delivery::Events && !link.has_queued() => {
            // Tasks of the handler's that go on have nobody to speak to.
            link.detach();
            json(server, response, &id, revision)
        }
        CallEvent::Done(response) => {
            let refusal = response.outcome().err().cloned();
            let is_first = !link.has_queued();
            link.finish(response);
            let mut reply = stream(server, link, id, revision);
            if let Some(refusal) = refusal.filter(|_| is_first) {
                reply::decorate(&mut reply, &refusal, revision.era());
            }
            reply
        }
        CallEvent::Emitted => {
            tokio::spawn(call);
            stream(server, link, id, revision)
        }
        // Nothing is owed; a stream without events says so in a way every client understands.
        _ => {
            link.close();
            stream(server, link, id, revision)
        }
    }
}

fn json(server: &Server, response: Response, id: &RequestId, revision: Revision) -> Reply {
    let refusal = response.outcome().err().cloned();
    let mut reply = reply::json(StatusCode::OK, server.encode(response, id, revision));
    if let Some(refusal) = refusal {
        reply::decorate(&mut reply, &refusal, revision.era());
    }
    reply
}

fn stream(server: &Server, link: Arc<Link>, id: RequestId, revision: Revision) -> Reply {
    let events = Events::new(link, server.clone(), id, revision);
    reply::events(Body::events(events))
}

/// A call that is polled inside the response future. When the future is dropped, because the
/// client has gone away, a modern call stops and a legacy call goes on as a task.
struct Held {
    call: Option<RunningCall>,
    era: Era,
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(call) = self.call.take() else {
            return;
        };
        match self.era {
            Era::Modern => call.link().cancel(CancelReason::Disconnected),
            Era::Legacy => {
                call.link().detach();
                // Without a runtime the process is on its way out.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(call);
                }
            }
        }
    }
}
