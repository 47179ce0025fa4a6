//! What sessions may cost, and how long they last.

use std::time::Duration;

/// How long sessions last, and what is kept so that a cut stream loses nothing.
///
/// A session itself costs nothing: its id is a sealed token, good for [`max_age`](Self::max_age)
/// whoever answers. What is *alive* in one (a log level, subscriptions, running calls, streams) is
/// a small row, bounded by the mount's [governor](crate::McpService::governor).
///
/// | Limit | Default | Past it |
/// |---|---|---|
/// | [`max_age`](Self::max_age) | 24 h | the session is unknown: 404 |
/// | [`idle`](Self::idle) | 1 h | log level and subscriptions are forgotten |
/// | [`tombstones`](Self::tombstones) | 65 536 | DELETE answers 405 and the session lives on |
/// | [`grace`](Self::grace) | 1 s | a silent call opens its stream, so that it can be resumed |
/// | [`replay_events`](Self::replay_events), [`replay_bytes`](Self::replay_bytes) | 1 024 events, 1 MiB per stream | the oldest events go; resuming before them is a 400 |
/// | [`replay_time`](Self::replay_time) | 5 min after a stream was cut | resuming it is a 400 |
///
/// ```
/// use mcp_tower::{McpService, SessionOptions};
/// use std::time::Duration;
///
/// # let server = mcp_tower::Server::builder("s", "1").build();
/// let options = SessionOptions::new()
///     .max_age(Duration::from_secs(8 * 3600))
///     .replay_time(Duration::from_secs(60));
/// let service = McpService::new(server).sessions(options);
/// # let _ = service;
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SessionOptions {
    pub(crate) max_age: Duration,
    pub(crate) idle: Duration,
    pub(crate) tombstones: usize,
    pub(crate) grace: Option<Duration>,
    pub(crate) retry: Duration,
    pub(crate) replay_events: usize,
    pub(crate) replay_bytes: usize,
    pub(crate) replay_time: Duration,
    pub(crate) initialized: bool,
}

impl SessionOptions {
    /// The defaults of the table.
    pub const fn new() -> Self {
        Self {
            max_age: Duration::from_secs(24 * 3600),
            idle: Duration::from_secs(3600),
            tombstones: 65_536,
            grace: Some(Duration::from_secs(1)),
            retry: Duration::from_secs(1),
            replay_events: 1_024,
            replay_bytes: 1024 * 1024,
            replay_time: Duration::from_secs(300),
            initialized: false,
        }
    }

    /// Refuses calls before `notifications/initialized` with 400, as the lifecycle of the protocol
    /// has it; without this they are served, since some clients that are in use never send it. What
    /// is sent is remembered, so every session has a row until its maximum age: for tests of clients.
    #[must_use]
    pub const fn require_initialized(mut self) -> Self {
        self.initialized = true;
        self
    }

    /// How often to look for rows in which nothing is alive any more.
    pub(crate) fn pause(&self) -> Duration {
        let pause = self.idle.min(self.replay_time) / 4;
        pause.clamp(Duration::from_secs(1), Duration::from_secs(30))
    }

    /// How long a session lasts at most, used or not.
    #[must_use]
    pub const fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// How long log level and subscriptions are kept that nothing uses. A running request and an
    /// open stream use their session.
    #[must_use]
    pub const fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// How many deleted sessions are remembered, each until its maximum age.
    #[must_use]
    pub const fn tombstones(mut self, sessions: usize) -> Self {
        self.tombstones = sessions;
        self
    }

    /// How long a call may be silent before its stream is opened, so that a cut connection can be
    /// resumed: for clients of 2025-11-25, which alone understand such a stream.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// Lets a call be silent until it answers. When its connection breaks, the answer is lost.
    #[must_use]
    pub const fn without_grace(mut self) -> Self {
        self.grace = None;
        self
    }

    /// How long a client waits before it comes back to a cut stream (whole milliseconds).
    #[must_use]
    pub const fn retry(mut self, retry: Duration) -> Self {
        self.retry = retry;
        self
    }

    /// The most events of one stream that are kept for a client that comes back.
    #[must_use]
    pub const fn replay_events(mut self, events: usize) -> Self {
        self.replay_events = events;
        self
    }

    /// The most bytes of one stream that are kept for a client that comes back.
    #[must_use]
    pub const fn replay_bytes(mut self, bytes: usize) -> Self {
        self.replay_bytes = bytes;
        self
    }

    /// How long a stream is kept for a client that comes back, once it was cut and its call has
    /// ended. One that was written to its end is kept for thirty seconds at most.
    #[must_use]
    pub const fn replay_time(mut self, time: Duration) -> Self {
        self.replay_time = time;
        self
    }
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self::new()
    }
}
