//! Who may use how much at once: of calls, streams, rows, questions and memory.
//!
//! A budget bounds everything of its kind that is alive, in total and for each [`Payer`]. What is
//! alive is never taken away; whoever comes too late is refused, and told when to try again.

mod budgets;
mod ledger;
#[cfg(feature = "metrics")]
mod metrics;
mod payer;
mod permit;
mod snapshot;

pub use budgets::{Budget, Budgets};
pub use payer::Payer;
pub use permit::Permit;
pub use snapshot::{Snapshot, Usage};

use self::ledger::{Key, Ledger};
use crate::refusal::Refusal;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

/// Bounds what is alive at once, in total and for each payer. See [`Budgets`] for the limits.
///
/// Cheap to clone; clones share their counters. A mount makes one for itself; mounts that are given
/// clones of one governor share its budgets. A payer is the same in all of them: budgets are the
/// one thing that is not kept per mount.
///
/// Asking costs a few atomic operations, for a payer that is known the lock of one of sixteen small
/// tables too, and allocates nothing once the tables have grown to the payers of the moment. A payer
/// that holds nothing takes no memory.
///
/// # Metrics
///
/// [`snapshot`](Self::snapshot) tells what is used. With the feature `metrics` the same numbers go to
/// the recorder of the [`metrics`](https://docs.rs/metrics) facade, as they change:
///
/// | Name | Kind | Labels |
/// |---|---|---|
/// | `mcp_budget_used` | gauge | `budget`: [its name](Budget::as_str) |
/// | `mcp_budget_refused_total` | counter | `budget`; `limit`: `share` or `total` |
///
/// Governors of one process add up. Names and labels change with a major version only. Payers are
/// never labels.
///
/// # Examples
///
/// ```
/// use mcp_core::{Principal, governor::{Budget, Budgets, Governor, Payer}};
///
/// let budgets = Budgets::new().total(Budget::Calls, 3).per_payer(Budget::Calls, 2);
/// let governor = Governor::new(budgets);
/// let ada = Payer::new(&Principal::new("https://login.example.com", "ada"), None);
/// let bob = Payer::new(&Principal::new("https://login.example.com", "bob"), None);
///
/// let held = [
///     governor.acquire(Budget::Calls, &ada, 1)?,
///     governor.acquire(Budget::Calls, &ada, 1)?,
/// ];
/// assert_eq!(governor.acquire(Budget::Calls, &ada, 1).unwrap_err().status(), 429);
/// let other = governor.acquire(Budget::Calls, &bob, 1)?;
/// assert_eq!(governor.acquire(Budget::Calls, &bob, 1).unwrap_err().status(), 503);
///
/// drop((held, other));
/// assert_eq!(governor.snapshot().usage(Budget::Calls).used, 0);
/// # Ok::<(), mcp_core::Refusal>(())
/// ```
#[derive(Clone)]
pub struct Governor(Arc<Inner>);

struct Inner {
    budgets: Budgets,
    totals: [Total; Budget::ALL.len()],
    ledger: Ledger,
}

/// What all payers hold of one budget.
#[derive(Default)]
struct Total {
    used: AtomicUsize,
    peak: AtomicUsize,
    refused_share: AtomicU64,
    refused_total: AtomicU64,
}

/// Which limit was in the way.
#[derive(Clone, Copy, Debug)]
enum Exceeded {
    Share,
    Total,
}

impl Governor {
    /// A governor of these budgets.
    pub fn new(budgets: Budgets) -> Self {
        Self(Arc::new(Inner {
            budgets,
            totals: Default::default(),
            ledger: Ledger::new(),
        }))
    }

    /// Takes an amount of a budget until the permit is dropped. An amount of zero is always given: a
    /// permit that can [grow](Permit::try_grow).
    ///
    /// # Errors
    /// 429 when the share of the payer is used up, 503 when the total is; both say when to try
    /// again.
    pub fn acquire(&self, budget: Budget, payer: &Payer, amount: usize) -> Result<Permit, Refusal> {
        let payer = self.0.ledger.key(payer);
        self.take(budget, payer.as_ref(), amount)?;
        Ok(Permit::new(self.clone(), budget, payer, amount))
    }

    /// The limits.
    pub fn budgets(&self) -> &Budgets {
        &self.0.budgets
    }

    /// What is used now. Not one moment: what changes meanwhile may be seen in one budget and not in
    /// another.
    pub fn snapshot(&self) -> Snapshot {
        let payers = self.0.ledger.payers();
        Snapshot::new(Budget::ALL.map(|budget| {
            let total = self.total(budget);
            Usage {
                budget,
                used: total.used.load(Ordering::Relaxed),
                peak: total.peak.load(Ordering::Relaxed),
                limit: self.0.budgets.get_total(budget),
                share: self.0.budgets.get_per_payer(budget),
                payers: payers[budget as usize],
                refused_share: total.refused_share.load(Ordering::Relaxed),
                refused_total: total.refused_total.load(Ordering::Relaxed),
            }
        }))
    }

    /// Takes an amount for a payer; without one, nobody's share is looked at.
    fn take(&self, budget: Budget, payer: Option<&Key>, amount: usize) -> Result<(), Refusal> {
        if amount == 0 {
            return Ok(());
        }
        let share = self.0.budgets.get_per_payer(budget);
        if payer.is_some_and(|payer| !self.0.ledger.add(payer, budget, amount, share)) {
            return Err(self.refuse(budget, Exceeded::Share));
        }
        let total = self.total(budget);
        let limit = self.0.budgets.get_total(budget);
        let fits = |used: usize| used.checked_add(amount).filter(|sum| *sum <= limit);
        let taken = total
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        match taken {
            Ok(before) => {
                total.peak.fetch_max(before + amount, Ordering::Relaxed);
                #[cfg(feature = "metrics")]
                metrics::taken(budget, amount);
                Ok(())
            }
            Err(_) => {
                if let Some(payer) = payer {
                    self.0.ledger.subtract(payer, budget, amount);
                }
                Err(self.refuse(budget, Exceeded::Total))
            }
        }
    }

    /// Gives back what was taken.
    fn give_back(&self, budget: Budget, payer: Option<&Key>, amount: usize) {
        if amount == 0 {
            return;
        }
        if let Some(payer) = payer {
            self.0.ledger.subtract(payer, budget, amount);
        }
        self.total(budget).used.fetch_sub(amount, Ordering::Relaxed);
        #[cfg(feature = "metrics")]
        metrics::given_back(budget, amount);
    }

    fn refuse(&self, budget: Budget, exceeded: Exceeded) -> Refusal {
        let total = self.total(budget);
        let refused = match exceeded {
            Exceeded::Share => &total.refused_share,
            Exceeded::Total => &total.refused_total,
        };
        refused.fetch_add(1, Ordering::Relaxed);
        #[cfg(feature = "metrics")]
        metrics::refuse(budget, exceeded);
        tracing::debug!(target: "mcp", budget = budget.as_str(), ?exceeded, "a budget is used up");
        let refusal = match exceeded {
            Exceeded::Share => Refusal::rate_limited(),
            Exceeded::Total => Refusal::overloaded(),
        };
        refusal.with_retry_after(budget.retry_after())
    }

    fn total(&self, budget: Budget) -> &Total {
        &self.0.totals[budget as usize]
    }
}

impl Default for Governor {
    fn default() -> Self {
        Self::new(Budgets::new())
    }
}

impl fmt::Debug for Governor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Governor")
            .field("budgets", &self.0.budgets)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
