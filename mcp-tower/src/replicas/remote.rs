//! Streams whose clients have come back to another replica.
//!
//! The replica that has the stream reads it in the place of the client, into a log of the bus; the
//! replica that has the client reads the log.

use super::note::Note;
use crate::{
    bus::{Bus, BusError, BusErrorKind},
    replay::{EventId, StreamBody},
    session::SessionKey,
};
use bytes::Bytes;
use mcp_core::{BoxFuture, governor::Permit, random};
use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

/// How long the replica that has a stream may take to say so.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a log lives that nobody writes to. Streams are never silent for that long.
const LIFE: Duration = Duration::from_secs(60);
/// How long to wait for entries at a time.
const WAIT: Duration = Duration::from_secs(20);

/// The first entry of a log: whether there is such a stream.
const FOUND: Bytes = Bytes::from_static(b"found");
const MISSED: Bytes = Bytes::from_static(b"missed");
/// The last entry. Events are never empty.
const END: Bytes = Bytes::new();

/// Why a stream cannot be had from another replica.
#[derive(Debug)]
pub(super) enum RemoteError {
    Unknown,
    Bus(BusError),
}

impl From<BusError> for RemoteError {
    fn from(error: BusError) -> Self {
        match error.kind() {
            BusErrorKind::Unreachable | BusErrorKind::Unknown => Self::Unknown,
            _ => Self::Bus(error),
        }
    }
}

/// Asks the replica that a stream began on for the rest of it.
pub(super) async fn open(
    bus: &Arc<dyn Bus>,
    session: SessionKey,
    last: EventId,
) -> Result<RemoteBody, RemoteError> {
    let log = random().map_err(BusError::unavailable)?;
    let log = format!("stream:{:032x}", u128::from_be_bytes(log));
    // A log for somebody who is not there would be kept for nobody.
    bus.send(last.stream.replica, Note::Hello.write()).await?;
    // Opens the log.
    bus.append(&log, Vec::new(), LIFE).await?;
    let note = Note::Resume {
        session,
        last: last.to_string(),
        log: log.clone(),
    };
    bus.send(last.stream.replica, note.write()).await?;
    let mut body = RemoteBody {
        reading: None,
        waiting: VecDeque::new(),
        read: 0,
        over: false,
        bus: bus.clone(),
        log: log.into(),
        permit: None,
    };
    let entries = bus.read(&body.log, 0, PATIENCE).await?;
    body.take(entries);
    match body.waiting.pop_front() {
        Some(found) if found == FOUND => Ok(body),
        Some(_) => Err(RemoteError::Unknown),
        None => Err(RemoteError::Bus(BusError::unavailable(
            "the replica that has the stream does not answer",
        ))),
    }
}

/// Reads a stream into a log, until it ends or another reader takes it over.
pub(super) async fn forward(bus: Arc<dyn Bus>, log: String, stream: Option<StreamBody>) {
    let forwarded = async {
        let Some(mut stream) = stream else {
            return bus.append(&log, vec![MISSED], LIFE).await;
        };
        bus.append(&log, vec![FOUND], LIFE).await?;
        while let Some(piece) = poll_fn(|cx| stream.poll_next(cx)).await {
            bus.append(&log, vec![piece], LIFE).await?;
        }
        bus.append(&log, vec![END], LIFE).await
    };
    // What was read is kept: the client can come back once more.
    if let Err(error) = forwarded.await {
        tracing::warn!(target: "mcp", %error, "a stream could not be passed on");
    }
}

/// The rest of a stream, from a log.
pub(crate) struct RemoteBody {
    reading: Option<BoxFuture<'static, Result<Vec<Bytes>, BusError>>>,
    waiting: VecDeque<Bytes>,
    read: u64,
    over: bool,
    bus: Arc<dyn Bus>,
    log: Arc<str>,
    permit: Option<Permit>,
}

impl RemoteBody {
    /// Holds a permit for as long as it is read.
    pub(crate) fn paid_by(mut self, permit: Permit) -> Self {
        self.permit = Some(permit);
        self
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if self.over {
                return Poll::Ready(None);
            }
            match self.waiting.pop_front() {
                Some(piece) if piece.is_empty() => self.over = true,
                Some(piece) => return Poll::Ready(Some(piece)),
                None => {
                    let (bus, log, read) = (&self.bus, &self.log, self.read);
                    let reading = self.reading.get_or_insert_with(|| {
                        let (bus, log) = (bus.clone(), log.clone());
                        Box::pin(async move { bus.read(&log, read, WAIT).await })
                    });
                    let entries = ready!(reading.as_mut().poll(cx));
                    self.reading = None;
                    match entries {
                        Ok(entries) => self.take(entries),
                        // The client comes back, and asks again.
                        Err(_) => self.over = true,
                    }
                }
            }
        }
    }

    fn take(&mut self, entries: Vec<Bytes>) {
        self.read += entries.len() as u64;
        self.waiting.extend(entries);
    }
}
