//! Driving one call to its answer: JSON while it is silent, a stream once it has spoken.

use crate::{
    body::Body,
    exchange::SESSION,
    incoming::Begun,
    replay::CallSource,
    reply::{self, Refused, Reply},
    session::Session,
    sse::{EventName, Events},
};
use http::{HeaderValue, StatusCode};
use mcp_core::{
    Request, Response, Server,
    call::{CallEvent, CancelReason, Link, RunningCall},
    protocol::{Era, RequestId},
};
use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

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

/// A request that is ready to run.
pub(crate) struct Call {
    pub(crate) server: Server,
    pub(crate) request: Request,
    pub(crate) link: Arc<Link>,
    pub(crate) delivery: Delivery,
    pub(crate) event_name: EventName,
}

/// A request that runs, of its session, where there is one.
pub(crate) struct Running {
    held: Held,
    source: CallSource,
    delivery: Delivery,
    session: Option<Arc<Session>>,
    /// The id of the session that it opens, for a client that is not refused.
    opens: Option<HeaderValue>,
}

impl Running {
    /// Begins a request.
    pub(crate) fn begin(call: Call, session: Option<Arc<Session>>) -> Begun<'static> {
        let revision = call.request.facts().revision;
        let Some(id) = call.request.facts().message.id().cloned() else {
            return reply::empty(StatusCode::ACCEPTED).into();
        };
        Begun::Running(Self {
            source: CallSource {
                link: call.link.clone(),
                server: call.server.clone(),
                id,
                revision,
                event_name: call.event_name,
            },
            delivery: call.delivery,
            held: Held::start(call),
            session,
            opens: None,
        })
    }

    /// Says that it opens a session.
    pub(crate) fn opening(mut self, token: HeaderValue) -> Self {
        self.opens = Some(token);
        self
    }

    /// Drives it to its answer, or to a stream that has the answer in the end.
    pub(crate) async fn answer(mut self) -> Reply {
        let (link, id) = (&self.source.link, &self.source.id);
        let session = self.session.as_deref();
        let happened = first_event(&mut self.held, link, id, self.delivery, session).await;
        let opens = self.opens.take();
        let mut reply = self.after(happened);
        // Whoever is refused has no session.
        if let Some(token) = opens
            && reply.extensions().get::<Refused>().is_none()
        {
            reply.headers_mut().insert(SESSION, token);
        }
        reply
    }

    fn after(mut self, happened: FirstEvent) -> Reply {
        // From here on dropping the response is the stream's business.
        let call = self.held.release();
        let source = self.source;
        let session = self.session.as_deref();
        match happened {
            FirstEvent::Of(CallEvent::Done(response))
                if self.delivery != Delivery::Events && !source.link.has_queued() =>
            {
                // Tasks of the handler's that go on have nobody to speak to.
                source.link.detach();
                json(response, &source)
            }
            FirstEvent::Of(CallEvent::Done(response)) => {
                let refusal = response.outcome().err().cloned();
                let era = source.revision.era();
                let is_first = !source.link.has_queued();
                source.link.finish(response);
                let mut reply = stream(source, session);
                if let Some(refusal) = refusal.filter(|_| is_first) {
                    reply::decorate(&mut reply, &refusal, era);
                }
                reply
            }
            FirstEvent::Of(CallEvent::Emitted) | FirstEvent::Silence => {
                call.map(tokio::spawn);
                stream(source, session)
            }
            // Nothing is owed; a stream without events says so in a way every client understands.
            FirstEvent::Of(_) => {
                source.link.close();
                stream(source, None)
            }
        }
    }
}

/// What decides how a call is answered.
enum FirstEvent {
    Of(CallEvent),
    /// Nothing for so long that the client needs a stream to come back to.
    Silence,
}

/// Drives a call until it is known how to answer it.
///
/// A call that never waits is known to nobody else. One that does is registered with its session.
async fn first_event(
    call: &mut Held,
    link: &Arc<Link>,
    id: &RequestId,
    delivery: Delivery,
    session: Option<&Session>,
) -> FirstEvent {
    let at_once = poll_fn(|cx| {
        Poll::Ready(match call.poll_event(cx) {
            Poll::Ready(event) => Some(event),
            Poll::Pending => None,
        })
    });
    let at_once = at_once.await;
    if let (Some(session), None | Some(CallEvent::Emitted)) = (session, &at_once) {
        session.run(id.clone(), link);
    }
    if let Some(event) = at_once {
        return FirstEvent::Of(event);
    }
    let event = poll_fn(|cx| call.poll_event(cx));
    match session.and_then(Session::grace) {
        Some(grace) if delivery != Delivery::Json => match tokio::time::timeout(grace, event).await
        {
            Ok(event) => FirstEvent::Of(event),
            Err(_) => FirstEvent::Silence,
        },
        _ => FirstEvent::Of(event.await),
    }
}

fn json(response: Response, source: &CallSource) -> Reply {
    let refusal = response.outcome().err().cloned();
    let revision = source.revision;
    let encoded = source.server.encode(response, &source.id, revision);
    let mut reply = reply::json(StatusCode::OK, encoded);
    if let Some(refusal) = refusal {
        reply::decorate(&mut reply, &refusal, revision.era());
    }
    reply
}

/// A stream that the client can come back to, where there is a session with room for it.
fn stream(source: CallSource, session: Option<&Session>) -> Reply {
    let source = match session {
        None => source,
        Some(session) => match session.stream(source) {
            Ok(stream) => return reply::events(Body::stream(stream)),
            Err(source) => source,
        },
    };
    reply::events(Body::events(Events::new(source)))
}

/// A call that is polled inside the response future. When the future is dropped, because the
/// client has gone away, a modern call stops and a legacy call goes on as a task.
pub(crate) struct Held {
    call: Option<RunningCall>,
    era: Era,
}

impl Held {
    pub(crate) fn start(call: Call) -> Self {
        let Call {
            server,
            request,
            link,
            delivery,
            ..
        } = call;
        if delivery == Delivery::Json {
            link.detach();
        }
        let era = request.facts().revision.era();
        let request = request.with_peer(link.clone());
        Self {
            call: Some(RunningCall::start(&server, request, link)),
            era,
        }
    }

    /// Drives the call until something happens; cancelled, when it is not held any more.
    pub(crate) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<CallEvent> {
        match &mut self.call {
            Some(call) => call.poll_event(cx),
            None => Poll::Ready(CallEvent::Cancelled),
        }
    }

    /// Takes the call out: what becomes of it is not decided here any more.
    pub(crate) fn release(&mut self) -> Option<RunningCall> {
        self.call.take()
    }
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
