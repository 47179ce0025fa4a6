//! The calls of a batch, side by side, and how their answers are delivered.

use crate::{
    body::Body,
    keep_alive::KeepAlive,
    replay::{CallSource, Wrote},
    reply::{self, Reply},
    running::{Call, Delivery, Held},
    session::Session,
    sse::{self, EventName, PIECE},
};
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use mcp_core::{
    Server,
    call::{CallEvent, RunningCall},
    protocol::{ErrorObject, RequestId, Revision, put_on_one_line},
};
use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

/// The calls of a batch, and what is known of their answers.
///
/// Dropped before that is told, its calls go on as tasks, as calls of that era do.
pub(super) struct Answers {
    delivery: Delivery,
    event_name: EventName,
    session: Option<Arc<Session>>,
    revision: Revision,
    running: Vec<One>,
    /// Those that have more to tell than an answer.
    streams: Vec<CallSource>,
    answers: Vec<Told>,
}

/// An answer, with the call that counts until it is told.
type Told = (Bytes, Option<RunningCall>);

struct One {
    call: Held,
    source: CallSource,
    is_known: bool,
}

/// What became of a call when it was looked at.
enum Looked {
    Waits,
    HasSpoken,
    IsOver,
}

impl Answers {
    pub(super) fn new(
        delivery: Delivery,
        event_name: EventName,
        session: Option<Arc<Session>>,
        revision: Revision,
    ) -> Self {
        Self {
            delivery,
            event_name,
            session,
            revision,
            running: Vec::new(),
            streams: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Answers a message that is none, or that is refused.
    pub(super) fn refuse(&mut self, id: Option<&RequestId>, error: &ErrorObject) {
        let answer = Server::encode_error(error, id, self.revision);
        self.answers.push((answer, None));
    }

    /// Whether there is nothing to answer.
    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty() && self.answers.is_empty()
    }

    /// Starts a call; `is_known` says that it can be cancelled before it has waited.
    pub(super) fn start(&mut self, id: RequestId, call: Call, is_known: bool) {
        let source = CallSource {
            link: call.link.clone(),
            server: call.server.clone(),
            id,
            revision: self.revision,
            event_name: self.event_name,
        };
        let mut one = One {
            call: Held::start(call),
            source,
            is_known: false,
        };
        if is_known {
            one.become_known(self.session.as_deref());
        }
        self.running.push(one);
    }

    /// Drives the calls until it is known how to answer, and does.
    pub(super) async fn reply(mut self) -> Reply {
        let streams = poll_fn(|cx| self.poll(cx)).await;
        if !streams && self.answers.is_empty() {
            return reply::empty(StatusCode::ACCEPTED);
        }
        if !streams {
            return reply::json(StatusCode::OK, array(&self.answers));
        }
        for mut one in self.running.drain(..) {
            one.call.release().map(tokio::spawn);
            self.streams.push(one.source);
        }
        reply::events(Body::batch(BatchEvents {
            event_name: self.event_name,
            answers: self.answers,
            calls: self.streams,
            keep_alive: KeepAlive::new(),
        }))
    }

    /// Tells in the end whether the answers need a stream.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut has_spoken = false;
        let mut at = 0;
        while at < self.running.len() {
            match self.look(at, cx) {
                Looked::Waits => at += 1,
                Looked::HasSpoken => {
                    has_spoken = true;
                    at += 1;
                }
                Looked::IsOver => {
                    self.running.swap_remove(at);
                }
            }
        }
        if has_spoken || self.running.is_empty() {
            let is_said = self.answers.is_empty() && self.streams.is_empty() && !has_spoken;
            let as_events = self.delivery == Delivery::Events && !is_said;
            return Poll::Ready(has_spoken || as_events || !self.streams.is_empty());
        }
        Poll::Pending
    }

    fn look(&mut self, at: usize, cx: &mut Context<'_>) -> Looked {
        let one = &mut self.running[at];
        let Poll::Ready(event) = one.call.poll_event(cx) else {
            one.become_known(self.session.as_deref());
            return Looked::Waits;
        };
        match event {
            CallEvent::Emitted => {
                one.become_known(self.session.as_deref());
                return Looked::HasSpoken;
            }
            CallEvent::Done(response) => {
                let source = one.source.clone();
                let link = &source.link;
                if link.has_queued() {
                    link.finish(response);
                    self.streams.push(source);
                } else {
                    // Tasks of the handler's that go on have nobody to speak to.
                    link.detach();
                    let answer = source.server.encode(response, &source.id, self.revision);
                    self.answers.push((answer, one.call.release()));
                }
            }
            // Nothing is owed.
            _ => one.source.link.close(),
        }
        drop(one.call.release());
        Looked::IsOver
    }
}

impl One {
    /// Lets the call be cancelled by its id: one that never waits need not be.
    fn become_known(&mut self, session: Option<&Session>) {
        if let (Some(session), false) = (session, self.is_known) {
            session.run(self.source.id.clone(), &self.source.link);
            self.is_known = true;
        }
    }
}

fn array(answers: &[Told]) -> Bytes {
    let length: usize = answers.iter().map(|(answer, _)| answer.len() + 1).sum();
    let mut array = BytesMut::with_capacity(length + 1);
    for (at, (answer, _)) in answers.iter().enumerate() {
        array.extend_from_slice(if at == 0 { b"[" } else { b"," });
        array.extend_from_slice(answer);
    }
    array.extend_from_slice(b"]");
    array.freeze()
}

/// The events of the calls of a batch.
pub(crate) struct BatchEvents {
    event_name: EventName,
    answers: Vec<Told>,
    calls: Vec<CallSource>,
    keep_alive: KeepAlive,
}

impl BatchEvents {
    pub(crate) fn is_over(&self) -> bool {
        self.answers.is_empty() && self.calls.is_empty()
    }

    /// The next piece: whole events only, as many as are ready.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.is_over() {
            return Poll::Ready(None);
        }
        let mut piece = BytesMut::new();
        for (answer, _) in self.answers.drain(..) {
            sse::write_event(&mut piece, None, self.event_name, |piece| {
                put_on_one_line(piece, &answer);
            });
        }
        self.calls.retain(|call| {
            while piece.len() < PIECE {
                match call.poll(cx, &mut piece, None) {
                    Poll::Ready(Wrote::Event) => {}
                    Poll::Ready(_) => return false,
                    Poll::Pending => return true,
                }
            }
            true
        });
        let is_over = self.is_over();
        self.keep_alive.poll_piece(cx, piece, is_over)
    }
}

impl Drop for BatchEvents {
    fn drop(&mut self) {
        for call in &self.calls {
            call.link.detach();
        }
    }
}
