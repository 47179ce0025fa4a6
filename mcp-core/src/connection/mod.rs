//! A connection: one client at the other end of an ordered pipe of messages.
//!
//! Standard input and output are one, a socket or the stream of HTTP+SSE are others. A transport
//! reads messages from its client and hands each to [`Connection::receive`]; it reads its
//! [`Outbox`] and sends what that says. Everything between is here, for both eras at once: each
//! request is looked at by itself. One that carries its own metadata is modern; `initialize`
//! begins the session of the connection, and what makes no claim belongs to that.
//!
//! ```text
//!  messages ─► receive ─► classify ─► RunningCall, a task each ─┐
//!                │  answers to questions, cancellations         ▼
//!                └─ refusals ──────────────────────────────► queue ─► Outbox ─► client
//!                                     changes of the server (marks) ──┘
//! ```
//!
//! The queue holds sixteen messages. A client that does not read is waited for where it hurts
//! nobody else: each call keeps what it emits in its [`Link`](crate::call::Link), within that
//! bound, and after ten seconds its notifications are dropped; refusals wait in `receive`, and so
//! does a transport that reads on. How many calls run, and what they hold, is bounded by a
//! [governor](ConnectionOptions::governor).

mod arrival;
mod batch;
mod calls;
mod options;
mod outbox;
mod prepare;
mod queue;
mod received;
mod run;
mod session;

pub use arrival::Arrival;
pub use options::ConnectionOptions;
pub use outbox::Outbox;
pub use received::{Received, Unreadable};

use self::{
    batch::Share,
    calls::Calls,
    received::Kind,
    run::{Reading, run},
    session::Agreed,
};
use crate::{
    call::{Hold, RunningCall},
    governor::{Budget, Permit},
    protocol::{
        Cancelled, ErrorObject, Message, ParseError, RequestId, RequestMessage, ResponseMessage,
        Revision,
    },
    refusal::Refusal,
    request::Batch,
    server::Server,
    session::ChargedSession,
};
use bytes::Bytes;
use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// One client at the other end of an ordered pipe of messages. Cheap to clone.
///
/// It runs one task for each call, so using it needs a tokio runtime with timers.
///
/// ```
/// use mcp_core::{Server, connection::{Arrival, Connection, ConnectionOptions}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::builder("calculator", "1.0").build();
/// let (connection, mut outbox) = Connection::open(&server, ConnectionOptions::new())?;
///
/// let ping = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
/// let received = connection.read(ping.as_slice().into())?;
/// connection.receive(received, Arrival::default()).await?;
/// let answer = outbox.next().await.unwrap();
/// assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Connection(Arc<Shared>);

/// What a connection, its calls and its outbox share.
struct Shared {
    server: Server,
    options: ConnectionOptions,
    calls: Arc<Calls>,
    /// What a client may set in its session.
    set: Arc<ChargedSession>,
    agreed: Mutex<Option<Arc<Agreed>>>,
}

/// How long calls that have been stopped are waited for.
const LAST: Duration = Duration::from_secs(1);

/// The connection is over: nobody reads what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is over")
    }
}

impl Error for Closed {}

impl Connection {
    /// A connection that has just begun, and what it will say.
    ///
    /// # Errors
    /// When the server has as many listeners as it may have, or is shutting down.
    pub fn open(server: &Server, options: ConnectionOptions) -> Result<(Self, Outbox), Refusal> {
        let (governor, payer) = (&options.governor, &options.payer);
        let held = governor.acquire(Budget::ReplayBytes, payer, 0)?;
        let set = Arc::new(ChargedSession::new(held));
        let listener = server.listen(set.state().clone())?;
        let (queue, messages) = queue::queue();
        let shared = Arc::new(Shared {
            server: server.clone(),
            options,
            calls: Arc::new(Calls::new(queue)),
            set,
            agreed: Mutex::default(),
        });
        let outbox = Outbox::new(shared.clone(), messages, listener);
        Ok((Self(shared), outbox))
    }

    /// Reads a message, or a batch where the client may send one.
    ///
    /// # Errors
    /// When it is neither: what to answer.
    pub fn read(&self, body: Bytes) -> Result<Received, Unreadable> {
        let takes_batches = || {
            let agreed = self.0.agreed();
            let agreed = agreed.as_ref();
            agreed.is_some_and(|agreed| agreed.revision.has_batches())
        };
        Received::read(body, &self.0.options, takes_batches)
    }

    /// Takes what was [read](Self::read). What it comes to is said by the [`Outbox`], refusals too;
    /// it waits only when a refusal finds no room there. Dropping it may lose the refusal, and
    /// nothing else.
    ///
    /// The calls of a batch run side by side, and are answered in one array.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn receive(&self, received: Received, arrival: Arrival) -> Result<(), Closed> {
        match received.0 {
            Kind::Message(Message::Response(response)) => {
                self.0.answered(&response);
                Ok(())
            }
            Kind::Message(Message::Request(message)) => match message.id().cloned() {
                Some(id) => match self.start(message, &id, arrival, None) {
                    Ok(()) => Ok(()),
                    Err(refusal) => self.refuse(refusal.error(), Some(&id)).await,
                },
                None => {
                    self.0.notified(&message);
                    Ok(())
                }
            },
            Kind::Batch(Batch::Responses(responses)) => {
                for response in &responses {
                    self.0.answered(response);
                }
                Ok(())
            }
            Kind::Batch(Batch::Requests(messages)) => self.receive_all(messages, &arrival).await,
        }
    }

    async fn receive_all(
        &self,
        messages: Vec<Result<RequestMessage, ParseError>>,
        arrival: &Arrival,
    ) -> Result<(), Closed> {
        let queue = self.0.calls.queue().ok_or(Closed)?;
        let batch = Share::new();
        for message in messages {
            let (error, id) = match message {
                Err(error) => (error.to_error(), error.id().cloned()),
                Ok(message) => {
                    let Some(id) = message.id().cloned() else {
                        self.0.notified(&message);
                        continue;
                    };
                    match self.start(message, &id, arrival.clone(), Some(&batch)) {
                        Ok(()) => continue,
                        Err(refusal) => (refusal.error().clone(), Some(id)),
                    }
                }
            };
            batch.put(refused(&error, id.as_ref()), None);
        }
        batch.settle(&queue).await.map_err(|_| Closed)
    }

    /// Tells the client of a message that could not be read. Waits for room.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn refuse(&self, error: &ErrorObject, id: Option<&RequestId>) -> Result<(), Closed> {
        let queue = self.0.calls.queue().ok_or(Closed)?;
        let error = refused(error, id);
        let sent = queue.send(|line| line.extend_from_slice(&error)).await;
        sent.map_err(|_| Closed)
    }

    /// Ends the connection, because its client will say no more: questions are given up, what only
    /// waits for changes is stopped, and calls may go on for so long, and a second more to be
    /// stopped. What has been said by then can still be read; after it the [`Outbox`] ends.
    ///
    /// Dropped, it leaves the connection closed to new messages, with no end for the rest.
    pub async fn finish(&self, grace: Duration) {
        self.0.end();
        self.0.calls.stop(true);
        if timeout(grace, self.0.calls.over()).await.is_err() {
            self.0.calls.stop(false);
            // Whoever still waits for room waits for a client that does not read.
            let _ = timeout(LAST, self.0.calls.over()).await;
        }
    }

    /// Completes when nothing can be received any more, and nothing runs: the client has gone away,
    /// or the server has [shut down](Server::shutdown).
    pub async fn closed(&self) {
        self.0.calls.over().await;
    }

    /// Starts to answer a request.
    fn start(
        &self,
        message: RequestMessage,
        id: &RequestId,
        arrival: Arrival,
        batch: Option<&Share>,
    ) -> Result<(), Refusal> {
        let shared = &self.0;
        if shared.calls.is_ending() {
            return Err(Refusal::shutting_down());
        }
        let method = shared.server.method(message.method());
        let is_stream = method.is_some_and(|method| method.is_stream());
        let (call, body) = shared.charge(&message, is_stream)?;
        let prepared = shared.prepare(message, arrival)?;
        let revision = prepared.revision;
        let link = Arc::new(prepared.link.charged(call, body));
        let request = prepared.request.with_peer(link.clone());
        // A handshake cannot be cancelled.
        let cancelled_by = (!prepared.is_handshake).then(|| id.clone());
        let place = shared.calls.enter(cancelled_by, &link, is_stream);
        let reading = Reading {
            shared: shared.clone(),
            place: place.ok_or_else(Refusal::shutting_down)?,
            link: link.clone(),
            id: id.clone(),
            revision,
            is_handshake: prepared.is_handshake,
            batch: batch.map(Share::another),
            hold: Hold::new(&link),
        };
        let running = RunningCall::start(&shared.server, request, link);
        tokio::spawn(run(running, reading));
        Ok(())
    }
}

impl Shared {
    /// A place among the calls or the streams, and room for the message.
    fn charge(
        &self,
        message: &RequestMessage,
        is_stream: bool,
    ) -> Result<(Permit, Permit), Refusal> {
        let (governor, payer) = (&self.options.governor, &self.options.payer);
        let budget = match is_stream {
            true => Budget::Streams,
            false => Budget::Calls,
        };
        let call = governor.acquire(budget, payer, 1)?;
        let bytes = message.raw().as_str().len();
        Ok((call, governor.acquire(Budget::BodyBytes, payer, bytes)?))
    }

    /// Takes note of a notification. Unknown and malformed ones are ignored.
    fn notified(&self, message: &RequestMessage) {
        if message.method() == "notifications/initialized" {
            let agreed = self.agreed().clone();
            if let Some(agreed) = agreed {
                agreed.set_ready();
            }
        }
        if let Some(cancelled) = Cancelled::read(message) {
            self.calls.cancel(&cancelled.request_id);
        }
    }

    /// Hands an answer to whoever has asked.
    fn answered(&self, response: &ResponseMessage) {
        let agreed = self.agreed().clone();
        if let Some(agreed) = agreed {
            agreed.answer(response);
        }
    }

    /// Whether there is a session whose client can be told things.
    fn is_ready(&self) -> bool {
        let agreed = self.agreed();
        agreed.as_ref().is_some_and(|agreed| agreed.is_ready())
    }

    /// The handshake was refused: there is no session.
    fn refused(&self) {
        let agreed = self.agreed().take();
        drop(agreed);
    }

    /// Takes no more messages; nobody will answer questions.
    fn end(&self) {
        self.calls.end();
        let agreed = self.agreed().clone();
        if let Some(agreed) = agreed {
            agreed.end();
        }
    }

    fn agreed(&self) -> MutexGuard<'_, Option<Arc<Agreed>>> {
        // Nothing panics while the lock is held.
        self.agreed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error about what was not accepted. That has no revision; the newest spells errors as all
/// others do.
fn refused(error: &ErrorObject, id: Option<&RequestId>) -> Bytes {
    Server::encode_error(error, id, Revision::NEWEST_MODERN)
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
