use std::time::Duration;

/// Limits of a server.
///
/// | What | Default | Changed by |
/// |---|---|---|
/// | connections at once | 10 000; further ones wait to be accepted | [`connections`](Self::connections) |
/// | time until the first request of a connection | 30 s | [`header_time`](Self::header_time) |
/// | time between the requests of a connection | 75 s | [`idle_time`](Self::idle_time) |
/// | silence on HTTP/2 before a ping, and for its answer | 20 s each | [`ping_time`](Self::ping_time) |
/// | a client that takes nothing of what is being sent | 60 s | [`write_time`](Self::write_time) |
/// | size of a request's headers | 64 KiB | [`header_bytes`](Self::header_bytes) |
/// | requests at once on one HTTP/2 connection | 200 | [`streams`](Self::streams) |
/// | time to finish after the signal | 30 s | [`grace`](Self::grace) |
///
/// No limit is for requests that run, and none for their bodies: those belong to what answers
/// them. `Duration::MAX` is no limit of time, `usize::MAX` no limit of connections.
///
/// ```
/// use mcp_tower::serve::ServeOptions;
/// use std::time::Duration;
///
/// // A load balancer in front of the server keeps idle connections for two minutes.
/// let options = ServeOptions::new()
///     .connections(1_000)
///     .idle_time(Duration::from_secs(130));
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ServeOptions {
    pub(super) connections: usize,
    pub(super) header_time: Duration,
    pub(super) idle_time: Duration,
    pub(super) ping_time: Duration,
    pub(super) write_time: Duration,
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
            // More than the 60 s of most load balancers: whoever closes first should be the side
            // that knows whether it is about to send a request.
            idle_time: Duration::from_secs(75),
            ping_time: Duration::from_secs(20),
            write_time: Duration::from_secs(60),
            header_bytes: 64 * 1024,
            streams: 200,
            grace: Duration::from_secs(30),
        }
    }

    /// The most connections at once, at least one. Further clients wait in the queue of the
    /// operating system until a connection ends.
    ///
    /// A connection counts from the moment it is accepted, so during its TLS handshake and also
    /// after an upgrade, as a WebSocket. Each needs a file descriptor: keep this below the limit
    /// of the process.
    #[must_use]
    pub const fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// How long a new connection may take until the headers of its first request are there, TLS
    /// handshake included. Then it is closed.
    #[must_use]
    pub const fn header_time(mut self, time: Duration) -> Self {
        self.header_time = time;
        self
    }

    /// How long a connection on which no request runs may take until the headers of the next one
    /// are there. Then it is closed, on HTTP/2 with `GOAWAY`.
    ///
    /// A request runs until the last byte of its response has been handed to the connection, so an
    /// open event stream keeps its connection open. So does a WebSocket.
    #[must_use]
    pub const fn idle_time(mut self, time: Duration) -> Self {
        self.idle_time = time;
        self
    }

    /// After how much silence a client is sent a ping on HTTP/2, and how long it may take to
    /// answer. Then the connection is closed, with all that runs on it.
    ///
    /// HTTP/1 has no pings; there a client that is gone is noticed when writing fails.
    #[must_use]
    pub const fn ping_time(mut self, time: Duration) -> Self {
        self.ping_time = time;
        self
    }

    /// How long a client may take nothing of what is being sent to it. Then its connection is
    /// closed, with all that runs on it.
    ///
    /// What the network and the operating system hold does not count, so this begins some hundred
    /// kilobytes after the client has stopped reading. On HTTP/2 a client that reads its
    /// connection and holds back single responses is not noticed; what waits for it is bounded by
    /// the [budgets](mcp_core::governor::Budgets) of whoever answers. An upgraded connection is its
    /// owner's.
    #[must_use]
    pub const fn write_time(mut self, time: Duration) -> Self {
        self.write_time = time;
        self
    }

    /// The most bytes of headers in one request, at least 8 KiB. A request with more is answered
    /// with status 431.
    ///
    /// On HTTP/1 this is also how much of a connection is buffered, in each direction.
    #[must_use]
    pub const fn header_bytes(mut self, bytes: usize) -> Self {
        self.header_bytes = bytes;
        self
    }

    /// The most requests at once on one HTTP/2 connection, open event streams included. A client
    /// waits with further ones.
    #[must_use]
    pub const fn streams(mut self, streams: u32) -> Self {
        self.streams = streams;
        self
    }

    /// How long running requests may take to finish after the signal of
    /// [`Serve::graceful`](super::Serve::graceful). Then their connections are closed.
    ///
    /// Of servers that are [drained](super::Serve::draining), calls are stopped a little earlier, by a
    /// tenth of this time or a second, so that their clients can be told.
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
