//! A call: what it has said, and what its client must have heard of it.

use crate::{
    connection::Connection,
    handlers::{Command, Handler},
    step::{Version, Who},
};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// The limits that the world sets, and those of the service that it does not.
pub(crate) const KEPT_EVENTS: usize = 8;
pub(crate) const KEPT_CUT: Duration = Duration::from_secs(300);
const KEPT_READ: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(600);
/// How late it may be noticed that something is over.
pub(crate) const SWEPT: Duration = Duration::from_secs(65);

#[derive(Debug)]
pub(crate) struct Call {
    /// In which session, if in any.
    pub(crate) session: Option<usize>,
    pub(crate) who: Who,
    pub(crate) version: Option<Version>,
    pub(crate) id: u8,
    label: String,
    handler: Handler,
    /// Whether its client hears details, as far as is known.
    pub(crate) details: Option<bool>,
    pub(crate) is_running: bool,
    /// The connection it is heard on, or was heard on last.
    pub(crate) connection: Connection,
    /// The first event that this connection has to hear.
    first: usize,
    /// Whether the client has gone away from it, and what it heard is no matter any more.
    is_cut: bool,
    /// Whether it came back for the rest, which counts among the streams.
    is_resumed: bool,
    /// All that was said where a client could hear it.
    said: Vec<String>,
    is_stream: bool,
    /// Whether nobody can hear it any more.
    is_lost: bool,
    /// The question that waits, and since when.
    pub(crate) asking: Option<(String, Instant)>,
    words: usize,
    /// The names of its events, by number.
    pub(crate) names: Vec<String>,
    /// Since when nothing follows and nobody reads, and whether it was read to its end.
    free: Option<(Instant, bool)>,
}

/// Whether a client can still come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Yes,
    No,
    Maybe,
}

impl Call {
    pub(crate) fn new(
        who: Who,
        id: u8,
        label: String,
        handler: Handler,
        connection: Connection,
    ) -> Self {
        Self {
            session: None,
            who,
            version: None,
            id,
            label,
            handler,
            details: Some(true),
            is_running: true,
            connection,
            first: 0,
            is_cut: false,
            is_resumed: false,
            said: Vec::new(),
            is_stream: false,
            is_lost: false,
            asking: None,
            words: 0,
            names: Vec::new(),
            free: None,
        }
    }

    pub(crate) fn of_session(
        mut self,
        session: usize,
        version: Version,
        details: Option<bool>,
    ) -> Self {
        self.session = Some(session);
        self.version = Some(version);
        self.details = details;
        self
    }

    /// Whether it does as it is told.
    pub(crate) fn is_free(&self) -> bool {
        self.is_running && self.asking.is_none()
    }

    /// Whether its connection counts among the open streams.
    pub(crate) fn is_open_stream(&self) -> bool {
        self.is_resumed && !self.connection.is_over()
    }

    fn next_words(&mut self) -> String {
        self.words += 1;
        format!("{} #{}", self.label, self.words)
    }

    /// Something that a client could hear.
    fn hear(&mut self, what: String) {
        if !self.is_lost {
            self.is_stream = true;
            self.said.push(what);
        }
    }

    pub(crate) fn say(&mut self) {
        let words = self.next_words();
        self.hear(format!("log {} {words}", self.who.name()));
        self.handler.tell(Command::Say(words));
    }

    pub(crate) fn whisper(&mut self, details: bool) {
        let words = self.next_words();
        if details {
            self.hear(format!("log {} {words}", self.who.name()));
        }
        self.handler.tell(Command::Whisper(words));
    }

    pub(crate) fn ask(&mut self) {
        let words = self.next_words();
        let who = self.who.name();
        self.handler.tell(Command::Ask(words.clone()));
        match self.version {
            // The round ends.
            None => {
                self.is_stream |= !self.said.is_empty();
                self.said.push(format!("round {}", self.id));
                self.ends();
            }
            // It has no questions to users.
            Some(Version::V2025_03_26) => self.hear(format!("log {who} heard nothing for {words}")),
            Some(_) if self.is_lost => {}
            Some(_) => {
                self.hear(format!("ask {who} {words}"));
                self.asking = Some((words, Instant::now()));
            }
        }
    }

    /// What waits for an answer has one.
    pub(crate) fn is_answered(&mut self, name: &str) {
        if let Some((words, _)) = self.asking.take() {
            self.hear(format!("log {} heard {name} for {words}", self.who.name()));
        }
    }

    pub(crate) fn finish(&mut self) {
        if !self.is_lost {
            let text = format!(
                "result {} {} {} is done",
                self.id,
                self.who.name(),
                self.label
            );
            self.said.push(text);
        }
        self.handler.tell(Command::Finish);
        self.ends();
    }

    /// It runs no more, and says no more.
    pub(crate) fn ends(&mut self) {
        if self.is_running {
            self.is_running = false;
            self.asking = None;
            self.free = Some((Instant::now(), !self.is_cut));
        }
    }

    /// Its client goes away.
    pub(crate) fn cut(&mut self) {
        if self.connection.is_over() {
            return;
        }
        self.is_lost |= self.connection.is_waiting();
        self.connection.cut();
        self.is_cut = true;
        if self.version.is_none() {
            self.ends();
        }
    }

    /// Time has passed.
    pub(crate) fn wait(&mut self) {
        let primes = self.version == Some(Version::V2025_11_25);
        if primes && self.is_running && !self.is_lost {
            self.is_stream = true;
        }
        let asked = self.asking.as_ref().map(|(_, since)| since.elapsed());
        if asked.is_some_and(|since| since >= PATIENCE)
            && let Some((words, _)) = self.asking.take()
        {
            self.hear(format!("log {} heard nothing for {words}", self.who.name()));
        }
    }

    fn primed(&self) -> usize {
        usize::from(self.version == Some(Version::V2025_11_25))
    }

    /// Whether the events after this one are kept.
    pub(crate) fn kept_after(&self, number: usize) -> Kept {
        let total = self.said.len() + self.primed();
        if number + 1 < total.saturating_sub(KEPT_EVENTS) {
            return Kept::No;
        }
        let Some((since, is_read)) = self.free else {
            return Kept::Yes;
        };
        let time = if is_read { KEPT_READ } else { KEPT_CUT };
        match since.elapsed() {
            elapsed if elapsed < time => Kept::Yes,
            elapsed if elapsed > time + SWEPT => Kept::No,
            _ => Kept::Maybe,
        }
    }

    /// The client is back, after this event. Returns the connection that has lost its place.
    pub(crate) fn resume(&mut self, connection: Connection, number: usize) -> Connection {
        self.first = number + 1;
        self.is_cut = false;
        self.is_resumed = true;
        if !self.is_running {
            self.free = Some((Instant::now(), true));
        }
        std::mem::replace(&mut self.connection, connection)
    }

    /// Compares what was heard with what was said.
    pub(crate) fn check(&mut self) {
        assert_eq!(self.handler.is_alive(), self.is_running, "{self:?}");
        if self.is_cut {
            return;
        }
        let connection = &self.connection;
        assert_eq!(connection.is_over(), !self.is_running, "{self:?}");
        if connection.is_waiting() {
            assert!(!self.is_stream && self.is_running, "{self:?}");
            return;
        }
        assert_eq!(connection.status, Some(200), "{self:?}");
        // A call that is cancelled in silence ends with a stream that says nothing.
        let in_silence = !self.said.is_empty() && !self.is_stream;
        assert_eq!(connection.is_stream, !in_silence, "{self:?}");
        let primed = self.primed();
        let begin = self.first.max(primed) - primed;
        let heard: Vec<_> = connection.messages().map(describe).collect();
        assert_eq!(heard, self.said[begin..], "{self:?}");
        if self.is_stream && self.session.is_some() {
            self.check_names();
        }
    }

    /// Events have consecutive names, and the same ones whenever they are heard.
    fn check_names(&mut self) {
        for (at, heard) in self.connection.heard.iter().enumerate() {
            let number = self.first + at;
            let name = heard.id.clone().expect("an event of a session has a name");
            assert!(
                name.ends_with(&format!(".{number:x}")),
                "{name} is not {number}"
            );
            match self.names.get(number) {
                Some(known) => assert_eq!(*known, name),
                None => {
                    assert_eq!(self.names.len(), number);
                    self.names.push(name);
                }
            }
        }
    }

    /// The id of the question that waits, if its client has heard it.
    pub(crate) fn question(&self) -> Option<Value> {
        let (words, _) = self.asking.as_ref()?;
        let asked = format!("ask {} {words}", self.who.name());
        let mut heard = self.connection.messages();
        let question = heard.find(|message| describe(message) == asked)?;
        Some(question["id"].clone())
    }
}

/// What a message says, in short.
fn describe(message: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match message["method"].as_str() {
        Some("notifications/message") => format!("log {}", text(&message["params"]["data"])),
        Some("elicitation/create") => format!("ask {}", text(&message["params"]["message"])),
        Some(other) => other.to_owned(),
        None if message["result"]["requestState"].is_string() => format!("round {}", message["id"]),
        None => {
            let result = &message["result"]["content"][0]["text"];
            format!(
                "result {} {}",
                message["id"],
                result.as_str().unwrap_or("?")
            )
        }
    }
}
