//! What callers do with sessions, their own and others'.

use super::{SESSIONS, World};
use crate::{
    connection::Connection,
    session::Session,
    step::{Version, Who},
    wire::Ask,
};
use mcp_tower::{Entry, ToolError, ToolResult, protocol::Tool};
use serde_json::{Value, json};

impl World {
    pub(super) async fn open(&mut self, who: Who, version: Version) {
        if self.sessions.len() == SESSIONS {
            return;
        }
        let ask = Ask::initialize(version.name()).by(who.name());
        let request = ask.request().unwrap();
        let Ok(response) = tower::ServiceExt::oneshot(self.service.clone(), request).await;
        let token = response.headers()["mcp-session-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let is_new = self.sessions.iter().all(|session| session.token != token);
        assert!(is_new && response.status() == 200);
        self.sessions.push(Session::new(who, version, token));
    }

    /// A request in a session, by whoever says that it is theirs.
    fn within<'a>(&self, ask: Ask<'a>, who: Who, session: usize) -> Ask<'a> {
        ask.by(who.name()).session(&self.sessions[session].token)
    }

    /// Whether a session is somebody's, and goes on.
    fn is_open_to(&self, who: Who, session: usize) -> bool {
        let session = &self.sessions[session];
        session.who == who && !session.has_ended
    }

    /// Whether a session is unknown to whoever has asked, as the answer says.
    fn is_refused(&self, answer: &Connection, who: Who, session: usize) -> bool {
        let is_open = self.is_open_to(who, session);
        assert_eq!(answer.status == Some(404), !is_open, "{answer:?}");
        !is_open
    }

    pub(super) async fn echo(&mut self, who: Who, session: u8) {
        let Some(at) = self.pick_session(session) else {
            return;
        };
        let ask = Ask::legacy(1, "tools/call", json!({"name": "echo", "arguments": {}}));
        let answer = self.exchange(self.within(ask, who, at)).await;
        if self.is_refused(&answer, who, at) {
            return;
        }
        let texts: Vec<_> = answer.messages().map(echoed).collect();
        assert_eq!(texts, [(json!(1), format!("echo {}", who.name()))]);
    }

    pub(super) async fn batch(&mut self, who: Who, session: u8) {
        let Some(at) = self.pick_session(session) else {
            return;
        };
        let call = |id: u8| {
            let params = json!({"name": "echo", "arguments": {}});
            json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
        };
        let ask = Ask::message(&json!([call(1), call(2)]));
        let answer = self.exchange(self.within(ask, who, at)).await;
        if self.is_refused(&answer, who, at) {
            return;
        }
        let version = self.sessions[at].version;
        if version != Version::V2025_03_26 {
            assert_eq!(answer.status, Some(400));
            return;
        }
        let messages: Vec<_> = answer.messages().cloned().collect();
        let [Value::Array(answers)] = messages.as_slice() else {
            panic!("{messages:?}");
        };
        let mut texts: Vec<_> = answers.iter().map(echoed).collect();
        texts.sort_by_key(|(id, _)| id.as_u64());
        let text = format!("echo {}", who.name());
        assert_eq!(texts, [(json!(1), text.clone()), (json!(2), text)]);
    }

    pub(super) async fn stand(&mut self, who: Who, session: u8, last: bool) {
        let Some(at) = self.pick_session(session) else {
            return;
        };
        let mut ask = self.within(Ask::bare("GET"), who, at);
        let last = self.sessions[at].last().filter(|_| last);
        if let Some(last) = last {
            ask = ask.add("last-event-id", last);
        }
        let is_resumed = last.is_some();
        let connection = self.listen(ask).await;
        if self.is_refused(&connection, who, at) {
            return;
        }
        let is_taken = self.sessions[at].is_taken(is_resumed);
        assert_eq!(connection.status, Some(if is_taken { 409 } else { 200 }));
        if !is_taken {
            self.sessions[at].stands(connection, is_resumed);
        }
    }

    pub(super) fn leave(&mut self, session: u8) {
        if let Some(at) = self.pick_session(session) {
            self.sessions[at].leaves();
        }
    }

    pub(super) fn change(&mut self) {
        let changed = self.server.update(|catalog| {
            if !catalog.remove_tool("changing") {
                let answer = async |_, _| Ok::<_, ToolError>(ToolResult::text("changed"));
                catalog.add(Entry::tool(Tool::new("changing"), answer));
            }
        });
        changed.unwrap();
        for session in &mut self.sessions {
            session.hears();
        }
    }

    pub(super) async fn level(&mut self, session: u8, details: bool) {
        let Some(at) = self.pick_session(session) else {
            return;
        };
        let who = self.sessions[at].who;
        let level = if details { "debug" } else { "info" };
        let ask = Ask::legacy(1, "logging/setLevel", json!({"level": level}));
        let answer = self.exchange(self.within(ask, who, at)).await;
        if !self.is_refused(&answer, who, at) {
            assert!(
                answer
                    .messages()
                    .all(|message| message["result"].is_object())
            );
            self.sessions[at].set_details(details);
        }
    }

    pub(super) async fn delete(&mut self, who: Who, session: u8) {
        let Some(at) = self.pick_session(session) else {
            return;
        };
        let answer = self
            .exchange(self.within(Ask::bare("DELETE"), who, at))
            .await;
        if self.is_refused(&answer, who, at) {
            return;
        }
        assert_eq!(answer.status, Some(204));
        self.settle().await;
        self.sessions[at].ends();
        for call in &mut self.calls {
            if call.session == Some(at) {
                call.ends();
            }
        }
    }
}

/// The id of an answer, and what was echoed.
fn echoed(answer: &Value) -> (Value, String) {
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    (answer["id"].clone(), text.to_owned())
}
