use std::time::Duration;

/// Limits of a server.
///
/// | What | Default |
/// |---|---|
/// | connections at once | 10 000; further ones wait to be accepted |
/// | time for the headers of a request, and between requests | 30 s |
/// | size of the headers | 64 KiB |
/// | requests at once on one HTTP/2 connection | 200 |
/// | time to finish after the signal | 30 s |
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ServeOptions {
    pub(super) connections: usize,
    pub(super) header_time: Duration,
    pub(super) header_bytes: usize,
    pub(super) streams: u32,
    pub(super) grace: Duration,
}

impl ServeOptions {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            connections: 10_000,
            header_time: Duration::from_secs(30),
            header_bytes: 64 * 1024,
            streams: 200,
            grace: Duration::from_secs(30),
        }
    }

    /// The most connections at once.
    #[must_use]
    pub const fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// How long the headers of a request may take, counted from the end of the one before: slow
    /// and idle HTTP/1 connections are closed. An idle HTTP/2 connection that does not answer a
    /// ping within the same time is closed too.
    #[must_use]
    pub const fn header_time(mut self, time: Duration) -> Self {
        self.header_time = time;
        self
    }

    /// The most bytes of headers in one request; at least 8 KiB.
    #[must_use]
    pub const fn header_bytes(mut self, bytes: usize) -> Self {
        self.header_bytes = bytes;
        self
    }

    /// The most requests at once on one HTTP/2 connection.
    #[must_use]
    pub const fn streams(mut self, streams: u32) -> Self {
        self.streams = streams;
        self
    }

    /// How long running requests may take to finish after the signal.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self::new()
    }
}
