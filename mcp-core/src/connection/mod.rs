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
mod calls;
mod options;
mod outbox;
mod queue;
mod run;
mod session;

pub use arrival::Arrival;
pub use options::ConnectionOptions;
pub use outbox::Outbox;

use self::{
    calls::Calls,
    run::{Reading, run},
    session::Agreed,
};
use crate::{
    call::{Link, RunningCall},
    governor::{Budget, Permit},
    protocol::{
        Cancelled, ErrorObject, Message, RequestId, RequestMessage, ResponseMessage, Revision,
    },
    refusal::Refusal,
    request::{Claim, Facts, Handshake, Request},
    server::Server,
    session::ChargedSession,
};
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
/// use mcp_core::{
///     Server,
///     connection::{Arrival, Connection, ConnectionOptions},
///     protocol::Message,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::builder("calculator", "1.0").build();
/// let (connection, mut outbox) = Connection::open(&server, ConnectionOptions::new())?;
///
/// let ping = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
/// let message = Message::parse(ping.as_slice().into(), 64)?;
/// connection.receive(message, Arrival::default()).await?;
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

/// The connection is over: nobody reads what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is over")
    }
}

impl Error for Closed {}

/// A request that is about to run.
struct Prepared {
    request: Request,
    link: Link,
    revision: Revision,
    is_handshake: bool,
}

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

    /// Takes a message. What it comes to is said by the [`Outbox`], refusals too; it waits only
    /// when a refusal finds no room there. Dropping it may lose the refusal, and nothing else.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn receive(&self, message: Message, arrival: Arrival) -> Result<(), Closed> {
        match message {
            Message::Response(response) => {
                self.0.answered(&response);
                Ok(())
            }
            Message::Request(message) => match message.id().cloned() {
                Some(id) => match self.start(message, &id, arrival) {
                    Ok(()) => Ok(()),
                    Err(refusal) => self.refuse(refusal.error(), Some(&id)).await,
                },
                None => {
                    self.0.notified(&message);
                    Ok(())
                }
            },
        }
    }

    /// Tells the client of a message that could not be read. Waits for room.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn refuse(&self, error: &ErrorObject, id: Option<&RequestId>) -> Result<(), Closed> {
        let queue = self.0.calls.queue().ok_or(Closed)?;
        // What was not accepted has no revision; the newest spells errors as all others do.
        let error = Server::encode_error(error, id, Revision::NEWEST_MODERN);
        let sent = queue.send(|line| line.extend_from_slice(&error)).await;
        sent.map_err(|_| Closed)
    }

    /// Ends the connection, because its client will say no more: questions are given up, what only
    /// waits for changes is stopped, and calls may go on for so long. What has been said by then
    /// can still be read; after it the [`Outbox`] ends.
    ///
    /// Dropped, it leaves the connection closed to new messages, with no end for the rest.
    pub async fn finish(&self, grace: Duration) {
        self.0.end();
        self.0.calls.stop(true);
        if timeout(grace, self.0.calls.over()).await.is_err() {
            self.0.calls.stop(false);
            self.0.calls.over().await;
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

    /// Finds out what a request is part of.
    fn prepare(
        self: &Arc<Self>,
        message: RequestMessage,
        arrival: Arrival,
    ) -> Result<Prepared, Refusal> {
        if Claim::is_made_by(&message) {
            return self.modern(message, arrival);
        }
        if message.method() == "initialize" {
            return self.initialize(message, arrival);
        }
        let agreed = self.agreed().clone();
        let Some(agreed) = agreed else {
            // A client may look whether anybody is there before it says who it is.
            if message.method() == "ping" {
                let revision = Revision::NEWEST_LEGACY;
                let request = self.request(message, revision, arrival, |facts| facts);
                return Ok(Prepared::new(request, Link::new(), revision));
            }
            let error = "`initialize` comes first, or a request names its version in `_meta`";
            return Err(Refusal::envelope(ErrorObject::invalid_request(error)));
        };
        // Whoever asks for something is ready, whatever was said of it.
        agreed.set_ready();
        let revision = agreed.revision;
        let level = self.set.state().log_level();
        let request = self.request(message, revision, arrival, |facts| {
            facts
                .with_client(agreed.client.clone())
                .with_log_level(Some(level))
        });
        let request = request.with_session(self.set.clone());
        Ok(Prepared::new(request, Link::with_client(agreed), revision))
    }

    fn modern(&self, message: RequestMessage, arrival: Arrival) -> Result<Prepared, Refusal> {
        if self.options.sessions_only {
            let error = "this transport is for sessions: `initialize` comes first";
            return Err(Refusal::envelope(ErrorObject::invalid_request(error)));
        }
        let revision = Claim::read(&message)?.check()?;
        let link = self.server.link_with_rounds();
        let link = link.map_err(|_| Refusal::internal(crate::Reference::new()))?;
        let request = self.request(message, revision, arrival, |facts| facts);
        Ok(Prepared::new(request, link, revision))
    }

    /// Begins the session of the connection. It ends again should the handshake be refused.
    fn initialize(&self, message: RequestMessage, arrival: Arrival) -> Result<Prepared, Refusal> {
        let handshake = Handshake::read(&message).map_err(Refusal::answer)?;
        let (revision, client) = (handshake.revision, handshake.client.clone());
        let queue = self.calls.weak_queue();
        let queue = queue.ok_or_else(Refusal::shutting_down)?;
        let options = &self.options;
        let (governor, payer) = (options.governor.clone(), options.payer.clone());
        {
            let mut agreed = self.agreed();
            if agreed.is_some() {
                let error = "the session of this connection has begun already";
                return Err(Refusal::envelope(ErrorObject::invalid_request(error)));
            }
            *agreed = Some(Arc::new(Agreed::new(handshake, governor, payer, queue)));
        }
        self.server.admit(
            self.set.state(),
            &options.principal,
            &options.mount,
            &client,
            arrival.extensions(),
        );
        let request = self.request(message, revision, arrival, |facts| {
            facts.with_client(client)
        });
        let request = request.with_session(self.set.clone());
        let prepared = Prepared::new(request, Link::new(), revision);
        Ok(Prepared {
            is_handshake: true,
            ..prepared
        })
    }

    fn request(
        &self,
        message: RequestMessage,
        revision: Revision,
        arrival: Arrival,
        more: impl FnOnce(Facts) -> Facts,
    ) -> Request {
        let facts = Facts::new(message, revision)
            .with_principal(self.options.principal.clone())
            .with_mount(self.options.mount.clone())
            .with_scopes(arrival.scopes());
        arrival.dress(Request::new(more(facts)))
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

impl Prepared {
    fn new(request: Request, link: Link, revision: Revision) -> Self {
        Self {
            request,
            link,
            revision,
            is_handshake: false,
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
