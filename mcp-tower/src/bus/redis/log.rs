//! Logs in Redis.

use super::{Shared, millis, scripts};
use crate::bus::{
    BusError, bounded,
    limits::{LOG_FULL, TOO_MANY_LOGS},
};
use ::redis::{Cmd, cmd, pipe};
use bytes::Bytes;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How many entries are read at once.
const ENTRIES_AT_ONCE: u32 = 256;

/// How often a reader looks for whom there is no connection to wait on.
const LOOK: Duration = Duration::from_millis(100);

/// For each stream its name and entries; for each entry its id, and its fields and values in turn.
type Streams = Option<Vec<(Bytes, Vec<(Bytes, Vec<Bytes>)>)>>;

impl Shared {
    pub(super) async fn append(
        &self,
        log: &str,
        entries: Vec<Bytes>,
        ttl: Duration,
    ) -> Result<(), BusError> {
        let limits = &self.options.limits;
        let bytes = limits.check_entries(log, &entries)?;
        let mut query = pipe();
        query.cmd("EVAL").arg(scripts::APPEND).arg(2);
        query.arg(self.keys.log(log)).arg(&self.keys.logs).arg(log);
        query.arg(millis(bounded(ttl))).arg(limits.logs);
        query
            .arg(limits.log_entries)
            .arg(limits.log_bytes)
            .arg(bytes);
        for entry in &entries {
            query.arg(&**entry);
        }
        match self.link.query(&query).await? {
            (1_i8,) => Ok(()),
            (0,) => Err(LOG_FULL),
            _ => Err(TOO_MANY_LOGS),
        }
    }

    pub(super) async fn read(
        &self,
        log: &str,
        after: u64,
        wait: Duration,
    ) -> Result<Vec<Bytes>, BusError> {
        let deadline = Instant::now() + wait.min(crate::bus::LONGEST);
        let stream = self.keys.log(log);
        let (mut entries, exists) = self.look(&stream, after).await?;
        if !exists {
            return Err(BusError::unknown());
        }
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if !entries.is_empty() || left.is_zero() {
                return Ok(entries);
            }
            if let Ok(turn) = timeout(left.min(LOOK), self.readers.turn()).await {
                let read = read_command(&stream, after, Some(left));
                let answer = turn?.query(&self.client, &read, deadline + self.options.timeout);
                return Ok(entries_of(answer.await?));
            }
            (entries, _) = self.look(&stream, after).await?;
        }
    }

    /// The entries that are there, and whether there is such a log.
    async fn look(&self, stream: &str, after: u64) -> Result<(Vec<Bytes>, bool), BusError> {
        let mut query = pipe();
        query
            .exists(stream)
            .add_command(read_command(stream, after, None));
        let (exists, streams): (bool, Streams) = self.link.query(&query).await?;
        Ok((entries_of(streams), exists))
    }
}

fn read_command(stream: &str, after: u64, wait: Option<Duration>) -> Cmd {
    let mut read = cmd("XREAD");
    read.arg("COUNT").arg(ENTRIES_AT_ONCE);
    if let Some(wait) = wait {
        // 0 would be for ever.
        read.arg("BLOCK").arg(millis(wait).max(1));
    }
    read.arg("STREAMS").arg(stream).arg(format!("{after}-0"));
    read
}

fn entries_of(streams: Streams) -> Vec<Bytes> {
    let entries = streams
        .into_iter()
        .flatten()
        .flat_map(|(_, entries)| entries);
    // The first value is the entry: see `scripts::APPEND`.
    entries
        .filter_map(|(_, fields)| fields.into_iter().nth(1))
        .collect()
}
