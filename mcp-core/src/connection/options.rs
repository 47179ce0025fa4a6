use crate::{
    governor::{Governor, Payer},
    principal::{Mount, Principal},
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
}

impl ConnectionOptions {
    /// An anonymous caller on an unnamed mount, both eras, and a governor of its own with the
    /// [defaults](crate::governor::Budgets).
    pub fn new() -> Self {
        Self {
            principal: Principal::Anonymous,
            mount: Mount::unnamed(),
            governor: Governor::default(),
            payer: Payer::unknown(),
            sessions_only: false,
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
