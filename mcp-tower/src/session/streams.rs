//! The streams of one session that a client reads, or may come back to.

use super::table::RowGuard;
use crate::replay::{Missed, Source, Stream, StreamBody, StreamName};
use mcp_core::{Refusal, governor::Permit};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

#[derive(Default)]
pub(super) struct Streams(Mutex<Set>);

#[derive(Default)]
struct Set {
    /// When it was looked at last.
    swept: Option<Instant>,
    calls: Vec<Arc<Stream>>,
    standing: Option<Arc<Stream>>,
    ended: bool,
}

/// Why there is no standing stream.
pub(crate) enum StandingError {
    /// The session has one.
    Taken,
    /// The session has ended.
    Ended,
    /// There is no room.
    Refused(Refusal),
}

impl Streams {
    /// Keeps the stream of a call, and reads it.
    pub(super) fn call(&self, stream: Stream, row: RowGuard) -> StreamBody {
        let stream = Arc::new(stream);
        let reader = stream.read();
        let mut set = self.lock();
        // Nobody can come back to a session that has ended.
        if !set.ended {
            set.calls.push(stream.clone());
        }
        StreamBody::new(stream, reader, row, None)
    }

    /// Reads the stream of a call from the event after this one on.
    pub(super) fn resume(
        &self,
        name: StreamName,
        event: u64,
        row: RowGuard,
        permit: Permit,
    ) -> Result<StreamBody, Missed> {
        let stream = self.find(name)?;
        let reader = stream.read_after(event)?;
        Ok(StreamBody::new(stream, reader, row, Some(permit)))
    }

    /// The same for another replica, which may or may not hand it to the client.
    pub(super) fn lend(
        &self,
        name: StreamName,
        event: u64,
        row: RowGuard,
    ) -> Result<StreamBody, Missed> {
        let stream = self.find(name)?;
        let reader = stream.lend_after(event)?;
        Ok(StreamBody::new(stream, reader, row, None))
    }

    fn find(&self, name: StreamName) -> Result<Arc<Stream>, Missed> {
        let set = self.lock();
        let known = set.calls.iter().find(|stream| stream.name() == name);
        known.cloned().ok_or(Missed)
    }

    /// Whether a client reads the standing stream.
    pub(super) fn is_standing(&self) -> bool {
        let set = self.lock();
        set.standing.as_ref().is_some_and(|stream| stream.is_read())
    }

    /// Opens the one standing stream: from the event after `after` on where that is kept, else a
    /// new one, which says what the last one did not get to say.
    pub(super) fn stand(
        &self,
        after: Option<(StreamName, u64)>,
        make: impl FnOnce(Option<Source>) -> Result<Stream, Refusal>,
        row: RowGuard,
        permit: Permit,
    ) -> Result<StreamBody, StandingError> {
        let mut set = self.lock();
        if set.ended {
            return Err(StandingError::Ended);
        }
        if let Some(stream) = &set.standing {
            let resumed = after
                .filter(|(name, _)| *name == stream.name() && !stream.is_said())
                .and_then(|(_, event)| stream.read_after(event).ok());
            // The client has lost its connection before we have noticed.
            if let Some(reader) = resumed {
                let stream = stream.clone();
                return Ok(StreamBody::new(stream, reader, row, Some(permit)));
            }
            if stream.is_read() {
                return Err(StandingError::Taken);
            }
        }
        let unsaid = set.standing.take().and_then(|last| last.end());
        let stream = Arc::new(make(unsaid).map_err(StandingError::Refused)?);
        set.standing = Some(stream.clone());
        let reader = stream.read();
        Ok(StreamBody::new(stream, reader, row, Some(permit)))
    }

    /// Ends the standing stream, since the client has another one elsewhere.
    pub(super) fn leave(&self) {
        let stream = self.lock().standing.take();
        if let Some(stream) = stream {
            stream.end();
        }
    }

    /// Forgets streams that nobody will come back for. They are for the caller to drop, outside of
    /// every lock: what they hold may be the last that holds the row.
    #[must_use]
    pub(super) fn sweep(&self, now: Instant) -> Vec<Arc<Stream>> {
        let mut set = self.lock();
        // Often asked, and seldom worth it: what is kept at all is kept for longer than this.
        const PAUSE: Duration = Duration::from_secs(1);
        let is_brief = set
            .calls
            .iter()
            .take(1)
            .chain(&set.standing)
            .any(|stream| stream.is_brief());
        let since = set.swept.map(|at| now.saturating_duration_since(at));
        if !is_brief && since.is_some_and(|since| since < PAUSE) {
            return Vec::new();
        }
        set.swept = Some(now);
        let mut over: Vec<_> = set
            .calls
            .extract_if(.., |stream| stream.is_over(now))
            .collect();
        if set.standing.as_ref().is_some_and(|last| last.is_over(now)) {
            over.extend(set.standing.take());
        }
        over
    }

    pub(super) fn is_empty(&self) -> bool {
        let set = self.lock();
        set.calls.is_empty() && set.standing.is_none()
    }

    /// Ends all streams, and that there may be any.
    pub(super) fn end(&self) {
        let Set {
            calls, standing, ..
        } = std::mem::replace(
            &mut *self.lock(),
            Set {
                ended: true,
                ..Set::default()
            },
        );
        for stream in calls.into_iter().chain(standing) {
            if let Some(Source::Call(call)) = stream.end() {
                call.link.detach();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Set> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
