//! What other replicas say of sessions, applied to what is alive here.

use super::{
    alive::Alive,
    key::SessionKey,
    row::Row,
    table::{EnterError, Found, RowGuard},
};
use crate::{
    bus::ReplicaId,
    replay::{EventId, StreamBody},
    replicas::SessionFact,
};
use mcp_core::{
    governor::Permit,
    protocol::{RequestId, ResponseMessage},
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// How often rows are looked at that exist because another replica has told of them.
const PAUSE: Duration = Duration::from_secs(30);

impl Alive {
    /// Takes note of a fact, for as long as it is true. `permit` pays for a row where one is made.
    pub(crate) fn learn(
        self: &Arc<Self>,
        session: SessionKey,
        fact: SessionFact,
        ttl: Duration,
        permit: impl FnOnce() -> Option<Permit>,
    ) {
        if fact == SessionFact::Ended {
            let ended = self.table.end(session, Instant::now() + ttl, usize::MAX);
            if let Some(Some(row)) = ended {
                row.end();
            }
            return;
        }
        let make = || {
            let permit = permit().ok_or_else(mcp_core::Refusal::overloaded)?;
            Ok(Row::new(session, ttl, permit))
        };
        let row: RowGuard = match self.table.enter(session, make) {
            Ok(row) => row,
            Err(EnterError::Ended | EnterError::Refused(_)) => return,
        };
        row.keep_for(ttl);
        match fact {
            SessionFact::Initialized => row.initialize(),
            SessionFact::LogLevel(level) => row.state().set_log_level(level),
            SessionFact::Subscribed(uri) => {
                // Bounded where it was subscribed.
                let _ = row.subscribe(&uri);
            }
            SessionFact::StandsAt(replica) => {
                // What is asked for anew holds what this replica has said, too.
                let at = replica.parse().ok().filter(|at| Some(*at) != self.replica);
                row.stands_at(at);
                if at.is_some() {
                    row.streams.leave();
                }
            }
            SessionFact::Ended => {}
        }
        self.sweep_while_alive(PAUSE);
    }

    /// Forgets the fact of this name; what it said is not known any more.
    pub(crate) fn unlearn(self: &Arc<Self>, session: SessionKey, fact: &SessionFact, name: &str) {
        let Found::Live(row) = self.table.find(session.place, || session) else {
            return;
        };
        match fact {
            SessionFact::Subscribed(_) => {
                let is_it = |uri: &&Arc<str>| {
                    SessionFact::Subscribed(String::from(&***uri)).key(session) == name
                };
                if let Some(uri) = row.state().subscriptions().iter().find(is_it) {
                    row.unsubscribe(uri);
                }
            }
            SessionFact::StandsAt(_) => row.stands_at(None),
            SessionFact::Initialized | SessionFact::LogLevel(_) | SessionFact::Ended => {}
        }
    }

    /// Stops a call.
    pub(crate) fn cancel(self: &Arc<Self>, session: SessionKey, request: &RequestId) {
        if let Found::Live(row) = self.table.find(session.place, || session) {
            row.cancel(request);
        }
    }

    /// Hands an answer to the question of a call.
    pub(crate) fn answer(self: &Arc<Self>, session: SessionKey, response: &ResponseMessage) {
        if let Found::Live(row) = self.table.find(session.place, || session) {
            row.answer(response);
        }
    }

    /// Whether a client reads the standing stream of a session, here or elsewhere.
    pub(crate) fn may_stand(self: &Arc<Self>, session: SessionKey) -> bool {
        match self.table.find(session.place, || session) {
            Found::Live(row) => row.streams.is_standing() || row.stands_elsewhere().is_some(),
            Found::Nothing | Found::Ended => false,
        }
    }

    /// Reads the rest of a stream for a client that has come back elsewhere.
    pub(crate) fn resume(
        self: &Arc<Self>,
        session: SessionKey,
        last: EventId,
    ) -> Option<StreamBody> {
        let Found::Live(row) = self.table.find(session.place, || session) else {
            return None;
        };
        row.streams.lend(last.stream, last.number, row.clone()).ok()
    }
}

/// Which replica has asked a question, by its id.
pub(super) fn asked_by(id: &RequestId) -> Option<ReplicaId> {
    let (replica, _) = id.as_str()?.split_once(':')?;
    replica.parse().ok()
}
