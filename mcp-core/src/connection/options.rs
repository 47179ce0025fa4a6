use crate::{
    governor::{Governor, Payer},
    principal::{Mount, Principal},
    protocol::DEFAULT_MAX_DEPTH,
};

/// Who is at the other end of a [`Connection`](super::Connection), and what they may use.
///
/// ```
/// use mcp_core::{Mount, Principal, connection::ConnectionOptions};
///
/// let options = ConnectionOptions::new()
///     .principal(Principal::new("https://login.example.com", "ada"))
///     .mount(Mount::new("pipe"))
///     .sessions_only();
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectionOptions {
    pub(super) principal: Principal,
    pub(super) mount: Mount,
    pub(super) governor: Governor,
    pub(super) payer: Payer,
    pub(super) sessions_only: bool,
    pub(super) depth: usize,
    pub(super) batch_messages: usize,
}

impl ConnectionOptions {
    /// An anonymous caller on an unnamed mount, both eras, 64 levels of nesting, 64 messages in a
    /// batch, and a governor of its own with the [defaults](crate::governor::Budgets).
    pub fn new() -> Self {
        Self {
            principal: Principal::Anonymous,
            mount: Mount::unnamed(),
            governor: Governor::default(),
            payer: Payer::unknown(),
            sessions_only: false,
            depth: DEFAULT_MAX_DEPTH,
            batch_messages: 64,
        }
    }

    /// Says who calls.
    #[must_use]
    pub fn principal(mut self, principal: Principal) -> Self {
        self.principal = principal;
        self
    }

    /// Says through which mount.
    #[must_use]
    pub fn mount(mut self, mount: Mount) -> Self {
        self.mount = mount;
        self
    }

    /// Bounds what is alive, at the cost of `payer`.
    #[must_use]
    pub fn governor(mut self, governor: Governor, payer: Payer) -> Self {
        self.governor = governor;
        self.payer = payer;
        self
    }

    /// How deeply arrays and objects may nest.
    #[must_use]
    pub fn depth(mut self, levels: usize) -> Self {
        self.depth = levels;
        self
    }

    /// The most messages of a batch, which only 2025-03-26 knows.
    #[must_use]
    pub fn batch_messages(mut self, messages: usize) -> Self {
        self.batch_messages = messages;
        self
    }

    /// Serves the legacy era only.
    #[must_use]
    pub fn sessions_only(mut self) -> Self {
        self.sessions_only = true;
        self
    }
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self::new()
    }
}
