//! What callers do with calls, and what calls do.

use super::{CALLS, World};
use crate::{
    call::{Call, Kept},
    step::Who,
    wire::Ask,
};
use serde_json::{Value, json};

impl World {
    fn label(&self) -> String {
        format!("call {}", self.calls.len())
    }

    pub(super) fn call(&mut self, session: u8, id: u8) {
        let Some(at) = self.pick_session(session) else {
            return;
        };
        let id = id % 3;
        let session = &self.sessions[at];
        let is_used = |call: &Call| call.session == Some(at) && call.id == id && call.is_running;
        if session.has_ended || self.calls.iter().any(is_used) || self.calls.len() == CALLS {
            return;
        }
        let label = self.label();
        let handler = self.handlers.announce(&label);
        let ask = Ask::legacy(
            id,
            "tools/call",
            json!({"name": "work", "arguments": {"label": label}}),
        );
        let connection = self.connect(&ask.by(session.who.name()).session(&session.token));
        let (who, version, details) = (session.who, session.version, session.details());
        let call = Call::new(who, id, label, handler, connection);
        self.calls.push(call.of_session(at, version, details));
    }

    pub(super) fn modern(&mut self, who: Who) {
        if self.calls.len() == CALLS {
            return;
        }
        let label = self.label();
        let handler = self.handlers.announce(&label);
        let ask = Ask::modern(
            "tools/call",
            json!({"name": "work", "arguments": {"label": label}}),
        );
        let connection = self.connect(&ask.by(who.name()));
        self.calls
            .push(Call::new(who, 1, label, handler, connection));
    }

    /// Tells a call to do something, if it listens.
    pub(super) fn tell(&mut self, call: u8, what: impl FnOnce(&mut Call)) {
        if let Some(at) = self.pick_call(call)
            && self.calls[at].is_free()
        {
            what(&mut self.calls[at]);
        }
    }

    pub(super) fn whisper(&mut self, call: u8) {
        self.tell(call, |call| {
            if let Some(details) = call.details {
                call.whisper(details);
            }
        });
    }

    pub(super) async fn answer(&mut self, call: u8, session: u8) {
        let found = self.pick_call(call).zip(self.pick_session(session));
        let Some((at, through)) = found else { return };
        let Some(question) = self.calls[at].question() else {
            return;
        };
        // Who answers in another session says something else.
        let is_own = self.calls[at].session == Some(through);
        let name = if is_own { "right" } else { "wrong" };
        let answer = json!({"action": "accept", "content": {"name": name}});
        let message = json!({"jsonrpc": "2.0", "id": question, "result": answer});
        if self.note(&message, through).await && is_own {
            self.calls[at].is_answered(name);
        }
    }

    /// Sends what has no answer in a session; tells whether it was taken.
    async fn note(&self, message: &Value, through: usize) -> bool {
        let session = &self.sessions[through];
        let ask = Ask::message(message)
            .by(session.who.name())
            .session(&session.token);
        let answer = self.exchange(ask).await;
        let expected = if session.has_ended { 404 } else { 202 };
        assert_eq!(answer.status, Some(expected), "{answer:?}");
        !session.has_ended
    }

    pub(super) async fn cancel(&mut self, session: u8, id: u8) {
        let Some(through) = self.pick_session(session) else {
            return;
        };
        let id = id % 3;
        let params = json!({"requestId": id});
        let message =
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params});
        if !self.note(&message, through).await {
            return;
        }
        let mut calls = self.calls.iter_mut();
        let named = |call: &&mut Call| call.session == Some(through) && call.id == id;
        if let Some(call) = calls.find(|call| named(call) && call.is_running) {
            call.ends();
        }
    }

    pub(super) fn cut(&mut self, call: u8) {
        if let Some(at) = self.pick_call(call) {
            self.calls[at].cut();
        }
    }

    pub(super) async fn resume(&mut self, call: u8, event: u8, session: u8) {
        let found = self.pick_call(call).zip(self.pick_session(session));
        let Some((at, through)) = found else { return };
        let call = &self.calls[at];
        let Some(number) = usize::from(event).checked_rem(call.names.len()) else {
            return;
        };
        let who: Who = self.sessions[through].who;
        let ask = Ask::bare("GET")
            .by(who.name())
            .session(&self.sessions[through].token);
        let connection = self
            .listen(ask.add("last-event-id", &call.names[number]))
            .await;
        let kept = match call.session == Some(through) {
            true => call.kept_after(number),
            false => Kept::No,
        };
        let status = connection.status.unwrap();
        if self.sessions[through].has_ended {
            assert_eq!(status, 404, "{call:?}");
            return;
        }
        let expected: &[u16] = match kept {
            Kept::Yes => &[200],
            Kept::No => &[400],
            Kept::Maybe => &[200, 400],
        };
        assert!(
            expected.contains(&status),
            "{status} instead of {expected:?} for {number} of {call:?}"
        );
        if status != 200 {
            return;
        }
        let mut old = self.calls[at].resume(connection, number);
        // A stream has one reader.
        std::future::poll_fn(|cx| {
            while old.poll(cx) {}
            std::task::Poll::Ready(())
        })
        .await;
        assert!(old.is_over(), "{old:?}");
    }
}
