//! Sessions of legacy clients.
//!
//! What the handshake agreed on is sealed into the id of a session, which its client sends with
//! every message: a session costs nothing, and any replica with the keys can serve it. What is
//! *alive* in a session is a [`Row`](row::Row) in a [`Table`](table::Table). Nothing outside this
//! folder knows how that is kept.

mod alive;
mod elsewhere;
mod key;
mod located;
mod options;
mod row;
mod running;
mod streams;
mod table;
mod token;

pub use self::options::SessionOptions;
pub(crate) use self::{
    alive::Alive, key::Owner, key::SessionId, key::SessionKey, located::Located,
    streams::StandingError, table::RowGuard,
};

use self::{
    row::Row,
    running::Registered,
    table::{EnterError, Found},
    token::Token,
};
use crate::{
    body::Body,
    bus::ReplicaId,
    replay::{
        CallSource, EventId, Keep, Missed, STREAM_BYTES, Source, Stream, StreamBody, StreamKind,
        StreamName,
    },
    replicas::{Replicas, SessionFact},
    sse::EventName,
};
use http::Extensions;
use mcp_core::{
    AskError, BoxFuture, Client, KeyRing, LogLevel, NoRandomness, Question, Refusal, RefusalKind,
    Server, SessionState,
    call::{AskClient, Link},
    governor::{Budget, Governor, Payer},
    protocol::{RawJson, RequestId, ResponseMessage, Revision, compat::Feature},
};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::time::Instant;

/// The sessions of one mount.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Inner>);

struct Inner {
    options: SessionOptions,
    governor: Governor,
    alive: Arc<Alive>,
    /// Where there are others.
    replicas: Option<Replicas>,
}

impl Sessions {
    pub(crate) fn new(
        options: SessionOptions,
        governor: Governor,
        replicas: Option<Replicas>,
    ) -> Self {
        let alive = match &replicas {
            Some(replicas) => replicas.alive().clone(),
            None => Arc::new(Alive::new(ReplicaId::random().ok())),
        };
        Self(Arc::new(Inner {
            options,
            governor,
            alive,
            replicas,
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
#[derive(Debug)]
pub(crate) enum Ended {
    Yes,
    /// That could not be remembered, or not by all replicas: it lives on.
    No,
    Refused(Refusal),
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

    /// Takes note that the client is ready, where that is asked for.
    pub(crate) async fn initialized(&self) -> Result<(), Refusal> {
        let sessions = &self.sessions.0;
        let options = &sessions.options;
        if !options.initialized {
            return Ok(());
        }
        // Others have to hear of it: at most as often as the client may call.
        let _permit = sessions.governor.acquire(Budget::Calls, &self.payer, 1)?;
        let row = match self.enter() {
            Ok(row) => row,
            Err(EnterError::Ended) => return Ok(()),
            Err(EnterError::Refused(refusal)) => return Err(refusal),
        };
        if row.is_initialized() {
            return Ok(());
        }
        self.tell(SessionFact::Initialized).await?;
        row.initialize();
        row.keep_for(self.token.remaining(options.max_age));
        Ok(())
    }

    /// Whether its calls are served: its client is ready, or nobody asks whether it is.
    pub(crate) fn is_initialized(&self) -> bool {
        !self.sessions.0.options.initialized
            || matches!(self.found(), Found::Live(row) if row.is_initialized())
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

    /// Stops a call of this session, wherever it runs.
    pub(crate) async fn cancel(&self, id: &RequestId) {
        let is_here = match self.found() {
            Found::Live(row) => row.cancel(id),
            Found::Nothing | Found::Ended => false,
        };
        let sessions = &self.sessions.0;
        if let (false, Some(replicas)) = (is_here, &sessions.replicas) {
            // Others have to hear of it: at most as often as the client may call.
            let permit = sessions.governor.acquire(Budget::Calls, &self.payer, 1);
            let Ok(_permit) = permit else {
                return;
            };
            replicas.cancel(self.key(), id.clone()).await;
        }
    }

    /// Hands an answer to the question of a call, wherever it runs.
    pub(crate) async fn answer(&self, response: &ResponseMessage) -> Result<(), Refusal> {
        let sessions = &self.sessions.0;
        let asked = response.id().and_then(elsewhere::asked_by);
        if let (Some(asked), Some(replicas)) = (asked, &sessions.replicas)
            && Some(asked) != sessions.alive.replica
        {
            let response = response.raw().clone();
            return replicas.answer(asked, self.key(), response).await;
        }
        if let Found::Live(row) = self.found() {
            row.answer(response);
        }
        Ok(())
    }

    /// Ends the session, and everything that is alive in it. `is_shared` says that replicas may
    /// share its keys.
    pub(crate) async fn end(&self, is_shared: bool) -> Ended {
        let sessions = &self.sessions.0;
        let remaining = self.token.remaining(sessions.options.max_age);
        match &sessions.replicas {
            Some(replicas) => {
                let told = replicas.remember(self.key(), SessionFact::Ended, remaining);
                match told.await {
                    Ok(()) => {}
                    // Too many are remembered already, as here below.
                    Err(refusal) if refusal.kind() == RefusalKind::RateLimited => return Ended::No,
                    Err(refusal) => return Ended::Refused(refusal),
                }
            }
            // It would live on where nobody has heard of its end.
            None if is_shared => return Ended::No,
            None => {}
        }
        let table = &sessions.alive.table;
        let until = Instant::now() + remaining;
        // What all others know by now is not to be forgotten here.
        let most = match sessions.replicas {
            Some(_) => usize::MAX,
            None => sessions.options.tombstones,
        };
        let end = || table.end(self.key(), until, most);
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
            .acquire(Budget::ReplayBytes, &self.payer, STREAM_BYTES);
        let Ok(permit) = permit else {
            return Err(source);
        };
        let source = Source::Call(Box::new(source));
        let stream = Stream::new(name, self.keep(), permit, source, self.is_primed());
        Ok(row.streams.call(stream, row.clone()))
    }

    /// The rest of a stream that was cut after this event, wherever it is.
    pub(crate) async fn resume(&self, last: EventId) -> Result<Body, ResumeError> {
        let sessions = &self.sessions.0;
        let permit = sessions.governor.acquire(Budget::Streams, &self.payer, 1);
        let permit = permit.map_err(ResumeError::Refused)?;
        if let Some(replicas) = &sessions.replicas
            && Some(last.stream.replica) != sessions.alive.replica
        {
            let rest = replicas.resume(self.key(), last).await;
            let rest = rest.map_err(ResumeError::Refused)?;
            let rest = rest.ok_or(ResumeError::Missed)?;
            return Ok(Body::remote(rest.paid_by(permit)));
        }
        let Found::Live(row) = self.found() else {
            return Err(ResumeError::Missed);
        };
        row.streams
            .resume(last.stream, last.number, row.clone(), permit)
            .map(Body::stream)
            .map_err(|Missed| ResumeError::Missed)
    }

    /// The standing stream, from the event after `last` on where that is kept. A client that has
    /// missed something else is told that everything may have changed.
    pub(crate) async fn stand(
        &self,
        server: &Server,
        last: Option<EventId>,
        event_name: EventName,
        extensions: &Extensions,
    ) -> Result<Body, StandingError> {
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
        if let (Some(replicas), Some(at)) = (&sessions.replicas, row.stands_elsewhere()) {
            // One that comes back has lost the other; and one that died reads none.
            if last.is_none() && replicas.is_there(at, self.key()).await {
                return Err(StandingError::Taken);
            }
            row.stands_at(None);
        }
        let name = self.stream_name(StreamKind::Standing);
        let name = name.ok_or_else(|| StandingError::Refused(Refusal::overloaded()))?;
        let kept = acquire(Budget::ReplayBytes, STREAM_BYTES)?;
        let make = |unsaid: Option<Source>| {
            let source = match unsaid {
                Some(source) => source,
                None => Source::Standing(server.listen(row.state().clone())?, event_name),
            };
            if let (Source::Standing(listener, _), Some(_)) = (&source, last) {
                listener.mark_all();
            }
            Ok(Stream::new(
                name,
                self.keep(),
                kept,
                source,
                self.is_primed(),
            ))
        };
        let after = last.map(|last| (last.stream, last.number));
        let mut stream = row.streams.stand(after, make, row.clone(), permit)?;
        let (principal, mount) = self.owner.parts();
        server.admit(row.state(), principal, mount, self.client(), extensions);
        if let Some(replicas) = &sessions.replicas {
            let located = Located::new(replicas, self.key(), &row);
            stream.hold(located);
            Located::tell(replicas, self.key(), sessions.options.max_age).await;
        }
        Ok(Body::stream(stream))
    }

    /// What is known of the session beside its token.
    fn found(&self) -> Found {
        let table = &self.sessions.0.alive.table;
        table.find(self.token.id.place(), || self.key())
    }

    /// The row of the session, made when there is none.
    fn enter(&self) -> Result<RowGuard, EnterError> {
        let sessions = &self.sessions.0;
        let row = sessions.alive.table.enter(self.key(), || {
            let permit = sessions.governor.acquire(Budget::Rows, &self.payer, 1)?;
            Ok(Row::new(self.key(), sessions.options.idle, permit))
        })?;
        row.keep_for(sessions.options.idle);
        sessions.alive.sweep_while_alive(sessions.options.pause());
        Ok(row)
    }

    fn key(&self) -> SessionKey {
        *self
            .key
            .get_or_init(|| SessionKey::new(&self.owner, self.token.id))
    }

    fn stream_name(&self, kind: StreamKind) -> Option<StreamName> {
        Some(StreamName {
            replica: self.sessions.0.alive.replica?,
            kind,
            number: self.sessions.0.alive.next(),
        })
    }

    fn keep(&self) -> Keep {
        let options = &self.sessions.0.options;
        Keep {
            events: options.replay_events,
            bytes: options.replay_bytes,
            time: options.replay_time,
            retry: options.retry,
        }
    }

    /// Tells other replicas what the client has set.
    async fn tell(&self, fact: SessionFact) -> Result<(), Refusal> {
        let sessions = &self.sessions.0;
        match &sessions.replicas {
            Some(replicas) => {
                // As long as the session: it may be alive on one replica only, and idle there.
                let life = self.token.remaining(sessions.options.max_age);
                replicas.remember(self.key(), fact, life).await
            }
            None => Ok(()),
        }
    }

    async fn ask_client(&self, link: &Link, question: Question) -> Result<RawJson, AskError> {
        let sessions = &self.sessions.0;
        let row = self.enter().map_err(|_| AskError::too_many())?;
        let permit = sessions.governor.acquire(Budget::Questions, &self.payer, 1);
        let _permit = permit.map_err(|_| AskError::too_many())?;
        // Names the replica that asks, so that an answer that reaches another can be passed on.
        let replica = sessions.alive.replica.ok_or_else(AskError::too_many)?;
        let id = format!("{replica}:{}", sessions.alive.next());
        let id = RequestId::from(id.as_str());
        row.questions().ask(id, link, question).await
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
    fn ask<'a>(
        &'a self,
        link: &'a Link,
        question: Question,
    ) -> BoxFuture<'a, Result<RawJson, AskError>> {
        Box::pin(self.ask_client(link, question))
    }
}

impl mcp_core::Session for Session {
    fn set_log_level(&self, level: LogLevel) -> BoxFuture<'_, Result<(), Refusal>> {
        Box::pin(async move {
            self.enter().map_err(refusal)?.state().set_log_level(level);
            self.tell(SessionFact::LogLevel(level)).await
        })
    }

    fn subscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            let row = self.enter().map_err(refusal)?;
            row.subscribe(uri)?;
            self.tell(SessionFact::Subscribed(uri.to_owned())).await
        })
    }

    fn unsubscribe<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            if let Found::Live(row) = self.found() {
                row.unsubscribe(uri);
            }
            let fact = SessionFact::Subscribed(uri.to_owned());
            match &self.sessions.0.replicas {
                Some(replicas) => replicas.forget(self.key(), fact).await,
                None => Ok(()),
            }
        })
    }
}

fn refusal(error: EnterError) -> Refusal {
    match error {
        EnterError::Refused(refusal) => refusal,
        EnterError::Ended => Refusal::overloaded(),
    }
}
