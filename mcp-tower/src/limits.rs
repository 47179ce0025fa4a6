//! What one request may cost.

use mcp_core::protocol::DEFAULT_MAX_DEPTH;
use std::time::Duration;

/// What one request may cost.
///
/// ```
/// use mcp_tower::Limits;
/// use std::time::Duration;
///
/// let limits = Limits::new()
///     .body_bytes(64 * 1024)
///     .string_bytes(16 * 1024)
///     .body_time(Duration::from_secs(5));
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    pub(crate) body_bytes: usize,
    pub(crate) body_time: Option<Duration>,
    pub(crate) depth: usize,
    pub(crate) string_bytes: Option<usize>,
    pub(crate) batch_messages: usize,
}

impl Limits {
    /// 4 MiB within 30 seconds, 64 levels of nesting, 64 messages in a batch.
    pub const fn new() -> Self {
        Self {
            body_bytes: 4 * 1024 * 1024,
            body_time: Some(Duration::from_secs(30)),
            depth: DEFAULT_MAX_DEPTH,
            string_bytes: None,
            batch_messages: 64,
        }
    }

    /// The longest body in bytes; a longer one is refused with 413 while it is read.
    #[must_use]
    pub const fn body_bytes(mut self, bytes: usize) -> Self {
        self.body_bytes = bytes;
        self
    }

    /// How long a body may take to arrive; a slower one is refused with 408.
    #[must_use]
    pub const fn body_time(mut self, time: Duration) -> Self {
        self.body_time = Some(time);
        self
    }

    /// The longest string of a message in bytes, as it is written; without a limit of its own
    /// unless set. A longer one is refused with 413.
    #[must_use]
    pub const fn string_bytes(mut self, bytes: usize) -> Self {
        self.string_bytes = Some(bytes);
        self
    }

    /// The most messages of a batch, which only 2025-03-26 knows.
    #[must_use]
    pub const fn batch_messages(mut self, messages: usize) -> Self {
        self.batch_messages = messages;
        self
    }

    /// How deeply arrays and objects may nest.
    #[must_use]
    pub const fn depth(mut self, levels: usize) -> Self {
        self.depth = levels;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
