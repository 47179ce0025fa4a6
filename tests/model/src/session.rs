//! A session: what its client has set, and what it must have heard on its standing stream.

use crate::{
    call::{KEPT_CUT, SWEPT},
    connection::Connection,
    step::{Version, Who},
};
use std::time::Duration;
use tokio::time::Instant;

/// How long what a client has set is kept at least, used or not.
const KEPT_SETTINGS: Duration = Duration::from_secs(3_000);

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) who: Who,
    pub(crate) version: Version,
    pub(crate) token: String,
    pub(crate) has_ended: bool,
    /// Whether its client asked for details, and when.
    level: Option<(bool, Instant)>,
    /// Its standing stream, while it is open.
    pub(crate) standing: Option<Connection>,
    /// How many changes that stream must have heard of.
    changes: usize,
    /// Whether something changed that the client was not told.
    is_marked: bool,
    left: Option<Instant>,
    last: Option<String>,
    /// Whether that is of the stream that is or was open last, and not of one before.
    is_last_of_this: bool,
    /// How much it may be told beside that.
    is_lax: bool,
}

impl Session {
    pub(crate) fn new(who: Who, version: Version, token: String) -> Self {
        Self {
            who,
            version,
            token,
            has_ended: false,
            level: None,
            standing: None,
            changes: 0,
            is_marked: false,
            left: None,
            last: None,
            is_last_of_this: false,
            is_lax: false,
        }
    }

    pub(crate) fn set_details(&mut self, details: bool) {
        self.level = Some((details, Instant::now()));
    }

    /// Whether its client hears details; `None` when that may have been forgotten.
    pub(crate) fn details(&self) -> Option<bool> {
        match self.level {
            None => Some(false),
            Some((details, since)) => (since.elapsed() < KEPT_SETTINGS).then_some(details),
        }
    }

    /// The last event of its standing stream that the client has seen.
    pub(crate) fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// Whether there is a stream already that a further one does not go on with.
    pub(crate) fn is_taken(&self, is_resumed: bool) -> bool {
        self.standing.is_some() && !(is_resumed && self.is_last_of_this)
    }

    /// The client has a standing stream again, or for the first time.
    pub(crate) fn stands(&mut self, connection: Connection, is_resumed: bool) {
        let away = self.left.map(|left| left.elapsed());
        let is_kept = self.standing.is_some() || away.is_some_and(|away| away < KEPT_CUT);
        let is_new = away.is_none_or(|away| away > KEPT_CUT + SWEPT);
        self.is_lax = match is_resumed {
            // Who names another stream is told that everything may have changed.
            true => !(is_kept && self.is_last_of_this),
            false => !is_kept && !is_new,
        };
        // Of a new stream there is no event yet, unless its client is told at once that everything may
        // have changed.
        self.is_last_of_this = is_resumed;
        self.changes = usize::from(self.is_marked && is_kept);
        self.is_marked = false;
        self.standing = Some(connection);
    }

    /// The connection of the standing stream breaks.
    pub(crate) fn leaves(&mut self) {
        if self.standing.take().is_some() {
            self.left = Some(Instant::now());
        }
    }

    /// The list of tools has changed.
    pub(crate) fn hears(&mut self) {
        match self.standing {
            Some(_) => self.changes += 1,
            None => self.is_marked = self.left.is_some(),
        }
    }

    pub(crate) fn ends(&mut self) {
        self.has_ended = true;
        if let Some(standing) = self.standing.take() {
            assert!(standing.is_over(), "{standing:?}");
        }
    }

    /// Compares what was heard with what has changed.
    pub(crate) fn check(&mut self) {
        let Some(standing) = &self.standing else {
            return;
        };
        assert_eq!(standing.status, Some(200));
        assert!(standing.is_stream && !standing.is_over(), "{self:?}");
        let mut heard = 0;
        for message in standing.messages() {
            match message["method"].as_str() {
                Some("notifications/tools/list_changed") => heard += 1,
                Some(
                    "notifications/prompts/list_changed" | "notifications/resources/list_changed",
                ) if self.is_lax => {}
                other => panic!("{other:?} on a standing stream"),
            }
        }
        let most = self.changes + usize::from(self.is_lax);
        assert!(
            (self.changes..=most).contains(&heard),
            "{heard} changes: {self:?}"
        );
        let named = standing
            .heard
            .iter()
            .rev()
            .find_map(|heard| heard.id.clone());
        if named.is_some() {
            self.last = named;
            self.is_last_of_this = true;
        }
    }
}
