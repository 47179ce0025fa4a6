//! A stream of a session: what it still has to say, and what it has said lately.
//!
//! One reader at a time takes events from the source, through here, and what it takes is kept for
//! a client that comes back. A reader that leaves is replaced: by the client's next connection, or
//! by a task that goes on reading, so that a call never waits for a client that is away.

use super::{
    event_id::{EventId, StreamName},
    source::{Source, Wrote},
};
use bytes::{Bytes, BytesMut};
use mcp_core::governor::Permit;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::time::Instant;

/// How much is joined before a piece is handed to the connection.
const PIECE: usize = 16 * 1024;

/// How long a stream that was written to its end is kept: its last bytes may be on their way.
const DELIVERED: Duration = Duration::from_secs(30);

/// What a kept event counts for beside its bytes.
const OVERHEAD: usize = 64;

/// What a stream counts for that keeps no event.
pub(crate) const STREAM_BYTES: usize = 1024;

/// How much of a stream is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
    /// When a client should come back to a stream that the server has ended.
    pub(crate) retry: Duration,
}

pub(crate) struct Stream {
    name: StreamName,
    keep: Keep,
    state: Mutex<State>,
}

struct State {
    /// Events with consecutive numbers, of which this is the first.
    kept: VecDeque<Bytes>,
    first: u64,
    bytes: usize,
    permit: Permit,
    /// Gone when nothing follows.
    source: Option<Source>,
    reader: Option<Reader>,
    readers: u64,
    waker: Option<Waker>,
    /// The client has been handed the last event.
    delivered: bool,
    /// When somebody last read.
    since: Instant,
}

/// Names one reader: an earlier one has been replaced, and reads nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    number: u64,
    is_client: bool,
}

/// What a reader gets.
#[derive(Debug)]
pub(crate) enum Read {
    /// Whole events.
    Events(Bytes),
    /// The connection is to end after these.
    HangUp(Bytes),
}

/// The event is not kept (any more).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missed;

impl Stream {
    /// A stream that says what its source says, for a permit of [`STREAM_BYTES`], after a first event without data where `primed`.
    pub(crate) fn new(
        name: StreamName,
        keep: Keep,
        permit: Permit,
        source: Source,
        primed: bool,
    ) -> Self {
        let mut state = State {
            kept: VecDeque::new(),
            first: 0,
            bytes: 0,
            permit,
            source: Some(source),
            reader: None,
            readers: 0,
            waker: None,
            delivered: false,
            since: Instant::now(),
        };
        if primed {
            let id = EventId {
                stream: name,
                number: 0,
            };
            let event = format!("id: {id}\nretry: {}\ndata: \n\n", keep.retry.as_millis());
            state.keep(event.into(), &keep);
        }
        Self {
            name,
            keep,
            state: Mutex::new(state),
        }
    }

    pub(crate) fn name(&self) -> StreamName {
        self.name
    }

    /// Becomes the only reader, from the first event on that is still to come or kept.
    pub(crate) fn read(&self) -> (Reader, u64) {
        let mut state = self.lock();
        (state.replace_reader(true), state.first)
    }

    /// Becomes the only reader, from the event after this one on.
    pub(crate) fn read_after(&self, event: u64) -> Result<(Reader, u64), Missed> {
        self.read_on(event, true)
    }

    /// The same for somebody who may or may not hand it to the client.
    pub(crate) fn lend_after(&self, event: u64) -> Result<(Reader, u64), Missed> {
        self.read_on(event, false)
    }

    fn read_on(&self, event: u64, is_client: bool) -> Result<(Reader, u64), Missed> {
        let mut state = self.lock();
        let next = event.checked_add(1).ok_or(Missed)?;
        if next < state.first || next > state.next() {
            return Err(Missed);
        }
        Ok((state.replace_reader(is_client), next))
    }

    /// Becomes the only reader in place of one that leaves, to read what nobody hears. `None` when
    /// that one was replaced already, or when nothing follows.
    pub(crate) fn go_on_without(&self, leaving: Reader) -> Option<(Reader, u64)> {
        let mut state = self.lock();
        if state.reader != Some(leaving) {
            return None;
        }
        state.reader = None;
        state.since = Instant::now();
        match state.source {
            Some(Source::Call(_)) => Some((state.replace_reader(false), state.next())),
            // What happens outside of calls is marked meanwhile, and needs no reader.
            Some(Source::Standing(..)) | None => None,
        }
    }

    /// The next events from `next` on, which moves past them. `None` at the end, and for a reader
    /// that was replaced or has missed something.
    pub(crate) fn poll_read(
        &self,
        reader: Reader,
        next: &mut u64,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Read>> {
        // Dropped after the lock is: what a source holds may look at this stream.
        let mut said = None;
        let mut state = self.lock();
        if state.reader != Some(reader) || *next < state.first {
            return Poll::Ready(None);
        }
        if *next < state.next() {
            let piece = state.kept_from(next);
            return Poll::Ready(Some(Read::Events(piece)));
        }
        let (piece, hang_up) = state.pull(self.name, &self.keep, cx, &mut said);
        *next = state.next();
        if hang_up {
            return Poll::Ready(Some(Read::HangUp(piece)));
        }
        if !piece.is_empty() {
            return Poll::Ready(Some(Read::Events(piece)));
        }
        if state.source.is_none() {
            state.delivered |= reader.is_client;
            state.since = Instant::now();
            state.reader = None;
            return Poll::Ready(None);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whether nothing follows.
    pub(crate) fn is_said(&self) -> bool {
        self.lock().source.is_none()
    }

    /// Whether it is kept for less than a second.
    pub(crate) fn is_brief(&self) -> bool {
        self.keep.time < Duration::from_secs(1)
    }

    /// Lets nobody read, where nothing can go on.
    pub(crate) fn leave(&self, leaving: Reader) {
        let mut state = self.lock();
        if state.reader == Some(leaving) {
            state.reader = None;
            state.since = Instant::now();
        }
    }

    /// Whether a client reads.
    pub(crate) fn is_read(&self) -> bool {
        self.lock().reader.is_some_and(|reader| reader.is_client)
    }

    /// Whether nobody will come back for it any more.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        let state = self.lock();
        let time = if state.delivered {
            self.keep.time.min(DELIVERED)
        } else {
            self.keep.time
        };
        state.reader.is_none() && now.saturating_duration_since(state.since) >= time
    }

    /// Ends the stream, whoever reads it. Returns what it would have said.
    pub(crate) fn end(&self) -> Option<Source> {
        let (source, waker) = {
            let mut state = self.lock();
            state.reader = None;
            (state.source.take(), state.waker.take())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        source
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says when the client should come back.
fn write_retry(piece: &mut BytesMut, retry: Duration) {
    let retry = format!("retry: {}\n\n", retry.as_millis());
    piece.extend_from_slice(retry.as_bytes());
}

impl State {
    /// The number of the event that comes next.
    fn next(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    fn replace_reader(&mut self, is_client: bool) -> Reader {
        self.readers += 1;
        let reader = Reader {
            number: self.readers,
            is_client,
        };
        self.reader = Some(reader);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        reader
    }

    /// Kept events from `next` on, as many as make a piece.
    fn kept_from(&self, next: &mut u64) -> Bytes {
        let skip = usize::try_from(*next - self.first).unwrap_or(usize::MAX);
        let mut piece = BytesMut::new();
        for event in self.kept.iter().skip(skip) {
            if !piece.is_empty() && piece.len() + event.len() > PIECE {
                break;
            }
            piece.extend_from_slice(event);
            *next += 1;
        }
        piece.freeze()
    }

    /// Takes what the source has to say now, and keeps it. Tells whether the connection is to end.
    /// A source that has nothing more to say goes to `said`.
    fn pull(
        &mut self,
        name: StreamName,
        keep: &Keep,
        cx: &mut Context<'_>,
        said: &mut Option<Source>,
    ) -> (Bytes, bool) {
        let mut piece = BytesMut::new();
        let mut ends = Vec::new();
        let mut hang_up = false;
        let mut number = self.next();
        while let Some(source) = &mut self.source
            && piece.len() < PIECE
            && !hang_up
        {
            let stream = name;
            match source.poll(cx, &mut piece, EventId { stream, number }) {
                Poll::Pending => break,
                Poll::Ready(wrote) => {
                    match wrote {
                        Wrote::Event => {}
                        Wrote::Last | Wrote::Nothing => *said = self.source.take(),
                        Wrote::Closed => {
                            *said = self.source.take();
                            write_retry(&mut piece, keep.retry);
                        }
                        Wrote::HangUp(retry) => {
                            write_retry(&mut piece, retry);
                            hang_up = true;
                        }
                    }
                    if matches!(wrote, Wrote::Event | Wrote::Last) {
                        ends.push(piece.len());
                        number += 1;
                    }
                }
            }
        }
        let piece = piece.freeze();
        let mut start = 0;
        for end in ends {
            self.keep(piece.slice(start..end), keep);
            start = end;
        }
        (piece, hang_up)
    }

    /// Keeps an event, in the place of the oldest ones where there is no room.
    fn keep(&mut self, event: Bytes, keep: &Keep) {
        let weight = event.len() + OVERHEAD;
        self.kept.push_back(event);
        self.bytes += weight;
        while self.kept.len() > keep.events || self.bytes > keep.bytes {
            if !self.drop_oldest() {
                break;
            }
        }
        loop {
            let more = (STREAM_BYTES + self.bytes).saturating_sub(self.permit.amount());
            if self.permit.try_grow(more).is_ok() || !self.drop_oldest() {
                break;
            }
        }
        let less = self
            .permit
            .amount()
            .saturating_sub(STREAM_BYTES + self.bytes);
        self.permit.shrink(less);
    }

    fn drop_oldest(&mut self) -> bool {
        let Some(event) = self.kept.pop_front() else {
            return false;
        };
        self.first += 1;
        self.bytes -= event.len() + OVERHEAD;
        true
    }
}

#[cfg(test)]
mod tests;
