//! The task that hears what other replicas say.

use super::{
    Inner,
    note::{Note, SessionFact},
    remote,
};
use crate::bus::{Deliveries, Delivery, Fact};
use mcp_core::{
    governor::{Budget, Payer},
    protocol::{DEFAULT_MAX_DEPTH, Message},
};
use std::{sync::Weak, time::Duration};
use tokio::task::AbortHandle;

/// How long to wait before the bus is asked again for what may have been missed.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) fn start(
    replica: Weak<Inner>,
    mut deliveries: Deliveries,
    facts: Vec<Fact>,
) -> AbortHandle {
    let listening = tokio::spawn(async move {
        let mut first = Some(facts);
        loop {
            if let Some(facts) = first.take() {
                let Some(replica) = replica.upgrade() else {
                    return;
                };
                facts.into_iter().for_each(|fact| replica.learn(fact));
            }
            let Some(delivery) = deliveries.next().await else {
                return;
            };
            if delivery == Delivery::Rejoined {
                // Not held meanwhile: a replica may leave while the bus is away.
                while let Some(replica) = replica.upgrade() {
                    if replica.catch_up().await {
                        break;
                    }
                    drop(replica);
                    tokio::time::sleep(PAUSE).await;
                }
                continue;
            }
            let Some(replica) = replica.upgrade() else {
                return;
            };
            replica.take(delivery);
        }
    });
    listening.abort_handle()
}

impl Inner {
    fn take(&self, delivery: Delivery) {
        match delivery {
            Delivery::Message(message) => match Note::read(&message) {
                Some(note) => self.hear(note),
                None => tracing::warn!(target: "mcp", "a message of a replica cannot be read"),
            },
            Delivery::Remembered(fact) => self.learn(fact),
            Delivery::Forgotten(key) => self.unlearn(&key),
            Delivery::Rejoined => {}
        }
    }

    /// Asks for everything, since something may have been missed. Tells whether there was an answer.
    async fn catch_up(&self) -> bool {
        // Whatever has changed meanwhile was not heard of.
        let servers: Vec<_> = {
            let servers = self.servers.lock();
            let servers = servers.unwrap_or_else(std::sync::PoisonError::into_inner);
            servers.values().cloned().collect()
        };
        servers
            .iter()
            .for_each(|server| server.all_changed_elsewhere());
        let Ok(facts) = self.bus.facts().await else {
            return false;
        };
        facts.into_iter().for_each(|fact| self.learn(fact));
        true
    }

    fn learn(&self, fact: Fact) {
        let Some((session, known)) = SessionFact::read(&fact.key, &fact.value) else {
            tracing::warn!(target: "mcp", "a fact of a replica cannot be read");
            return;
        };
        let permit = || {
            let permit = self.governor.acquire(Budget::Rows, &Payer::unknown(), 1);
            permit.ok()
        };
        self.alive.learn(session, known, fact.ttl, permit);
    }

    fn unlearn(&self, key: &str) {
        if let Some((session, fact)) = SessionFact::read(key, b"") {
            self.alive.unlearn(session, &fact, key);
        }
    }

    fn hear(&self, note: Note) {
        match note {
            Note::Changed { server, notice } => {
                let servers = self.servers.lock();
                let servers = servers.unwrap_or_else(std::sync::PoisonError::into_inner);
                let server = servers.get(&server).cloned();
                drop(servers);
                if let Some(server) = server {
                    server.changed_elsewhere(&notice);
                }
            }
            Note::Cancel { session, request } => self.alive.cancel(session, &request),
            Note::Answer { session, response } => {
                let text = response.as_bytes().clone();
                if let Ok(Message::Response(response)) = Message::parse(text, DEFAULT_MAX_DEPTH) {
                    self.alive.answer(session, &response);
                }
            }
            Note::Resume { session, last, log } => {
                let last = last.parse().ok();
                let stream = last.and_then(|last| self.alive.resume(session, last));
                tokio::spawn(remote::forward(self.bus.clone(), log, stream));
            }
            Note::Hello => {}
            Note::Probe { session } => {
                if !self.alive.may_stand(session) {
                    let bus = self.bus.clone();
                    tokio::spawn(async move {
                        let fact = SessionFact::StandsAt(String::new());
                        // Whoever asks again tries again.
                        let _ = bus.forget(&fact.key(session)).await;
                    });
                }
            }
        }
    }
}
