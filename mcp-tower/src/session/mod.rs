//! Sessions of legacy clients.
//!
//! What the handshake agreed on is sealed into the id of a session, which its client sends with
//! every message: a session costs nothing, and any replica with the keys can serve it. What is
//! *alive* in a session is a [`Row`](row::Row) in a [`Table`](table::Table). Nothing outside this
//! folder knows how that is kept.

mod key;
mod options;
mod questions;
mod row;
mod running;
mod streams;
mod table;
mod token;

pub use self::options::SessionOptions;
pub(crate) use self::{key::Owner, streams::StandingError, table::RowGuard};

use self::{
    key::SessionKey,
    questions::Answer,
    row::Row,
    running::Registered,
    table::{EnterError, Found, Table},
    token::Token,
};
use crate::{
    bus::ReplicaId,
    replay::{
        CallSource, EventId, Keep, Missed, Source, Stream, StreamBody, StreamKind, StreamName,
    },
};
use mcp_core::{
    AskError, BoxFuture, Client, KeyRing, LogLevel, NoRandomness, Question, Refusal, Server,
    SessionState,
    call::{AskClient, CancelReason, Link},
    governor::{Budget, Governor, Payer},
    protocol::{RequestId, ResponseMessage, Revision, compat::Feature},
};
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// The sessions of one mount.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Inner>);

struct Inner {
    options: SessionOptions,
    governor: Governor,
    /// Absent when the system has no randomness: then nothing can be named.
    replica: Option<ReplicaId>,
    /// Numbers streams and questions.
    next: AtomicU64,
    table: Arc<Table>,
    is_swept: AtomicBool,
}

impl Sessions {
    pub(crate) fn new(options: SessionOptions, governor: Governor) -> Self {
        Self(Arc::new(Inner {
            options,
            governor,
            replica: ReplicaId::random().ok(),
            next: AtomicU64::new(0),
            table: Arc::default(),
            is_swept: AtomicBool::new(false),
        }))
    }

    /// Begins a session. Returns its id, and keeps nothing.
    pub(crate) fn open(
        &self,
        keys: &KeyRing,
        owner: Owner,
        payer: Payer,
        revision: Revision,
        client: &Client,
    ) -> Result<(String, Arc<Session>), NoRandomness> {
        let token = Token::new(revision, client)?;
        let id = token.seal(keys, &owner)?;
        Ok((id, self.session(token, owner, payer)))
    }

    /// The session with this id, when it is the owner's and has not ended.
    pub(crate) fn find(
        &self,
        keys: &KeyRing,
        owner: Owner,
        payer: Payer,
        id: &str,
    ) -> Option<Arc<Session>> {
        let token = Token::open(id, keys, &owner, self.0.options.max_age)?;
        let session = self.session(token, owner, payer);
        (!matches!(session.found(), Found::Ended)).then_some(session)
    }

    fn session(&self, token: Token, owner: Owner, payer: Payer) -> Arc<Session> {
        Arc::new(Session {
            sessions: self.clone(),
            token,
            owner,
            payer,
            key: OnceLock::new(),
        })
    }

    fn next(&self) -> u64 {
        self.0.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Sees to it that rows are dropped in which nothing is alive any more: a task that lives as
    /// long as there are rows.
    fn sweep_while_alive(&self) {
        if self.0.is_swept.swap(true, Ordering::AcqRel) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            self.0.is_swept.store(false, Ordering::Release);
            return;
        };
        let options = &self.0.options;
        let pause = options.idle.min(options.replay_time) / 4;
        let pause = pause.clamp(Duration::from_secs(1), Duration::from_secs(30));
        let sessions = Arc::downgrade(&self.0);
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let Some(sessions) = sessions.upgrade() else {
                    return;
                };
                if sessions.table.sweep() > 0 {
                    continue;
                }
                sessions.is_swept.store(false, Ordering::Release);
                // One that was made meanwhile counts on this task.
                let is_needed = sessions.table.live() > 0;
                if !is_needed || sessions.is_swept.swap(true, Ordering::AcqRel) {
                    return;
                }
            }
        });
    }
}

/// One session, as its client has presented it with one message.
pub(crate) struct Session {
    sessions: Sessions,
    token: Token,
    owner: Owner,
    payer: Payer,
    key: OnceLock<SessionKey>,
}

/// What became of a session that was to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Yes,
    /// Too many are remembered already: it lives on.
    No,
}

impl Session {
    pub(crate) fn revision(&self) -> Revision {
        self.token.revision
    }

    pub(crate) fn client(&self) -> &Client {
        &self.token.client
    }

    /// The lowest level of log messages to send.
    pub(crate) fn log_level(&self) -> LogLevel {
        match self.found() {
            Found::Live(row) => row.state().log_level(),
            Found::Nothing | Found::Ended => SessionState::new().log_level(),
        }
    }

    /// How long a call may be silent before its stream opens; `None` for as long as it likes.
    pub(crate) fn grace(&self) -> Option<Duration> {
        let grace = self.sessions.0.options.grace;
        grace.filter(|_| self.is_primed())
    }

    /// Whether streams begin with an event without data, so that they can always be resumed.
    pub(crate) fn is_primed(&self) -> bool {
        self.revision().has(Feature::PrimingEvent)
    }

    /// Makes a call known to those who cancel by id.
    pub(crate) fn run(&self, id: RequestId, link: &Arc<Link>) {
        // Without room for a row the call runs all the same, and cannot be cancelled by id.
        if let Ok(row) = self.enter() {
            Registered::hold(link, id, row);
        }
    }

    /// Stops a call of this session.
    pub(crate) fn cancel(&self, id: &RequestId) {
        if let Found::Live(row) = self.found() {
            row.running.cancel(id, CancelReason::Requested);
        }
    }

    /// Hands an answer to the question of a call.
    pub(crate) fn answer(&self, response: &ResponseMessage) {
        if let Found::Live(row) = self.found() {
            row.questions.answer(response);
        }
    }

    /// Ends the session, and everything that is alive in it.
    pub(crate) fn end(&self) -> Ended {
        let (table, options) = (&self.sessions.0.table, &self.sessions.0.options);
        let until = Instant::now() + self.token.remaining(options.max_age);
        let end = || table.end(self.key(), until, options.tombstones);
        let ended = end().or_else(|| {
            table.sweep();
            end()
        });
        match ended {
            Some(row) => {
                if let Some(row) = row {
                    row.end();
                }
                Ended::Yes
            }
            None => Ended::No,
        }
    }

    /// The stream of a call. Gives the source back when there is no room to keep what a client may
    /// miss.
    pub(crate) fn stream(&self, source: CallSource) -> Result<StreamBody, CallSource> {
        let opened = self.enter().ok().zip(self.stream_name(StreamKind::Call));
        let Some((row, name)) = opened else {
            return Err(source);
        };
        let sessions = &self.sessions.0;
        let permit = sessions
            .governor
            .acquire(Budget::ReplayBytes, &self.payer, 0);
        let Ok(permit) = permit else {
            return Err(source);
        };
        let source = Source::Call(Box::new(source));
        let stream = Stream::new(name, self.keep(), permit, source, self.priming());
        Ok(row.streams.call(stream, row.clone()))
    }

    /// The rest of a stream that was cut after this event.
    pub(crate) fn resume(&self, last: EventId) -> Result<StreamBody, ResumeError> {
        let Found::Live(row) = self.found() else {
            return Err(ResumeError::Missed);
        };
        let governor = &self.sessions.0.governor;
        let permit = governor.acquire(Budget::Streams, &self.payer, 1);
        let permit = permit.map_err(ResumeError::Refused)?;
        row.streams
            .resume(last.stream, last.number, row.clone(), permit)
            .map_err(|Missed| ResumeError::Missed)
    }

    /// The standing stream, from the event after `last` on where that is kept. A client that has
    /// missed something else is told that everything may have changed.
    pub(crate) fn stand(
        &self,
        server: &Server,
        last: Option<EventId>,
    ) -> Result<StreamBody, StandingError> {
        let sessions = &self.sessions.0;
        let acquire = |budget, amount| {
            let permit = sessions.governor.acquire(budget, &self.payer, amount);
            permit.map_err(StandingError::Refused)
        };
        let permit = acquire(Budget::Streams, 1)?;
        let row = self.enter().map_err(|error| match error {
            EnterError::Ended => StandingError::Ended,
            EnterError::Refused(refusal) => StandingError::Refused(refusal),
        })?;
        let name = self.stream_name(StreamKind::Standing);
        let name = name.ok_or_else(|| StandingError::Refused(Refusal::overloaded()))?;
        let kept = acquire(Budget::ReplayBytes, 0)?;
        let make = |unsaid: Option<Source>| {
            let source = match unsaid {
                Some(source) => source,
                None => Source::Standing(server.listen(row.state().clone())?),
            };
            if let (Source::Standing(listener), Some(_)) = (&source, last) {
                listener.mark_all();
            }
            Ok(Stream::new(name, self.keep(), kept, source, self.priming()))
        };
        let after = last.map(|last| (last.stream, last.number));
        row.streams.stand(after, make, row.clone(), permit)
    }

    /// What is known of the session beside its token.
    fn found(&self) -> Found {
        let table = &self.sessions.0.table;
        table.find(self.token.id.place(), || self.key())
    }

    /// The row of the session, made when there is none.
    fn enter(&self) -> Result<RowGuard, EnterError> {
        let sessions = &self.sessions.0;
        let row = sessions.table.enter(self.key(), || {
            let permit = sessions.governor.acquire(Budget::Rows, &self.payer, 1)?;
            Ok(Row::new(self.key(), sessions.options.idle, permit))
        })?;
        self.sessions.sweep_while_alive();
        Ok(row)
    }

    fn key(&self) -> SessionKey {
        *self
            .key
            .get_or_init(|| SessionKey::new(&self.owner, self.token.id))
    }

    fn stream_name(&self, kind: StreamKind) -> Option<StreamName> {
        Some(StreamName {
            replica: self.sessions.0.replica?,
            kind,
            number: self.sessions.next(),
        })
    }

    fn keep(&self) -> Keep {
        let options = &self.sessions.0.options;
        Keep {
            events: options.replay_events,
            bytes: options.replay_bytes,
            time: options.replay_time,
        }
    }

    fn priming(&self) -> Option<Duration> {
        let retry = self.sessions.0.options.retry;
        self.is_primed().then_some(retry)
    }

    async fn ask_client(&self, link: &Link, question: Question) -> Answer {
        let sessions = &self.sessions.0;
        let row = self.enter().map_err(|_| AskError::too_many())?;
        let permit = sessions.governor.acquire(Budget::Questions, &self.payer, 1);
        let _permit = permit.map_err(|_| AskError::too_many())?;
        // Names the replica that asks, so that an answer that reaches another can be passed on.
        let replica = sessions.replica.ok_or_else(AskError::too_many)?;
        let id = format!("{replica}:{}", self.sessions.next());
        let id = RequestId::from(id.as_str());
        row.questions.ask(id, link, question).await
    }
}

/// Why a stream cannot be resumed.
pub(crate) enum ResumeError {
    /// The event is not kept, or there never was one.
    Missed,
    /// There is no room.
    Refused(Refusal),
}

impl AskClient for Session {
    fn ask<'a>(&'a self, link: &'a Link, question: Question) -> BoxFuture<'a, Answer> {
        Box::pin(self.ask_client(link, question))
    }
}

impl mcp_core::Session for Session {
    fn set_log_level(&self, level: LogLevel) -> BoxFuture<'_, Result<(), Refusal>> {
        let set = self.enter().map(|row| row.state().set_log_level(level));
        Box::pin(std::future::ready(set.map_err(refusal)))
    }

    fn subscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        let subscribed = self
            .enter()
            .map_err(refusal)
            .and_then(|row| row.state().subscribe(uri).map_err(Refusal::answer));
        Box::pin(std::future::ready(subscribed))
    }

    fn unsubscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        if let Found::Live(row) = self.found() {
            row.state().unsubscribe(uri);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

fn refusal(error: EnterError) -> Refusal {
    match error {
        EnterError::Refused(refusal) => refusal,
        EnterError::Ended => Refusal::overloaded(),
    }
}
