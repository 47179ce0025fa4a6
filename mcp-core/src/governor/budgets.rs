use std::time::Duration;

/// Something of which there is only so much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Budget {
    /// Sessions of legacy clients in which something is alive.
    Rows,
    /// Open streams that wait for what happens: standing streams of sessions, and
    /// `subscriptions/listen`.
    Streams,
    /// Requests that are being answered, with all the work that goes on for them.
    Calls,
    /// Bytes of requests, from their arrival until they have been answered.
    BodyBytes,
    /// Bytes that wait for clients that read slowly.
    QueuedBytes,
    /// Bytes kept for clients that come back for them, and what legacy sessions are subscribed to.
    ReplayBytes,
    /// Questions that wait for an answer of a client.
    Questions,
}

impl Budget {
    /// All budgets.
    pub const ALL: [Self; 7] = [
        Self::Rows,
        Self::Streams,
        Self::Calls,
        Self::BodyBytes,
        Self::QueuedBytes,
        Self::ReplayBytes,
        Self::Questions,
    ];

    /// The name, as it is seen in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Streams => "streams",
            Self::Calls => "calls",
            Self::BodyBytes => "body_bytes",
            Self::QueuedBytes => "queued_bytes",
            Self::ReplayBytes => "replay_bytes",
            Self::Questions => "questions",
        }
    }

    /// When whoever is refused should try again: sooner for what is short-lived.
    pub(super) const fn retry_after(self) -> Duration {
        Duration::from_secs(match self {
            Self::Calls | Self::BodyBytes => 1,
            Self::QueuedBytes | Self::Questions => 5,
            Self::Streams | Self::ReplayBytes => 30,
            Self::Rows => 60,
        })
    }
}

/// The limits of a [`Governor`](super::Governor).
///
/// | Budget | Counts | In total | Per payer | `Retry-After` |
/// |---|---|--:|--:|--:|
/// | [`Rows`](Budget::Rows) | legacy sessions in which something is alive | 65 536 | 8 192 | 60 s |
/// | [`Streams`](Budget::Streams) | standing streams, `subscriptions/listen` | 16 384 | 1 024 | 30 s |
/// | [`Calls`](Budget::Calls) | requests that are being answered | 1 024 | 256 | 1 s |
/// | [`BodyBytes`](Budget::BodyBytes) | bytes of requests, until they are answered | 256 MiB | 64 MiB | 1 s |
/// | [`QueuedBytes`](Budget::QueuedBytes) | bytes that wait for slow clients | 256 MiB | 32 MiB | 5 s |
/// | [`ReplayBytes`](Budget::ReplayBytes) | bytes kept for resumption | 256 MiB | 32 MiB | 30 s |
/// | [`Questions`](Budget::Questions) | questions that wait for an answer | 8 192 | 1 024 | 5 s |
///
/// Change a limit with [`total`](Self::total) and [`per_payer`](Self::per_payer). Without a share
/// left a payer is refused with 429; without a total left everybody is with 503. A share that is
/// larger than the total is no share: everybody may use the whole.
///
/// ```
/// use mcp_core::governor::{Budget, Budgets};
///
/// let budgets = Budgets::new()
///     .total(Budget::Calls, 200)
///     .per_payer(Budget::Calls, 20)
///     .total(Budget::QueuedBytes, 64 * 1024 * 1024);
/// # let _ = budgets;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Budgets([Limit; Budget::ALL.len()]);

#[derive(Clone, Copy, Debug)]
struct Limit {
    total: usize,
    per_payer: usize,
}

impl Budgets {
    /// The defaults.
    pub const fn new() -> Self {
        const MIB: usize = 1024 * 1024;
        Self::unlimited()
            .set(Budget::Rows, 65_536, 8_192)
            .set(Budget::Streams, 16_384, 1_024)
            .set(Budget::Calls, 1_024, 256)
            .set(Budget::BodyBytes, 256 * MIB, 64 * MIB)
            .set(Budget::QueuedBytes, 256 * MIB, 32 * MIB)
            .set(Budget::ReplayBytes, 256 * MIB, 32 * MIB)
            .set(Budget::Questions, 8_192, 1_024)
    }

    /// No limits but those of other parts: for tests and for trusted networks.
    pub const fn unlimited() -> Self {
        let limit = Limit {
            total: usize::MAX,
            per_payer: usize::MAX,
        };
        Self([limit; Budget::ALL.len()])
    }

    /// How much of a budget there is for all.
    #[must_use]
    pub const fn total(mut self, budget: Budget, total: usize) -> Self {
        self.0[budget as usize].total = total;
        self
    }

    /// How much of a budget one payer may use.
    #[must_use]
    pub const fn per_payer(mut self, budget: Budget, share: usize) -> Self {
        self.0[budget as usize].per_payer = share;
        self
    }

    const fn set(self, budget: Budget, total: usize, share: usize) -> Self {
        self.total(budget, total).per_payer(budget, share)
    }

    pub(super) const fn get_total(&self, budget: Budget) -> usize {
        self.0[budget as usize].total
    }

    pub(super) const fn get_per_payer(&self, budget: Budget) -> usize {
        self.0[budget as usize].per_payer
    }
}

impl Default for Budgets {
    fn default() -> Self {
        Self::new()
    }
}
