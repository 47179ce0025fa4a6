use super::Budget;

/// What is used of every budget.
///
/// ```
/// use mcp_core::governor::{Budget, Governor};
///
/// let governor = Governor::default();
/// for usage in governor.snapshot().usages() {
///     println!("{}: {} of {}", usage.budget.as_str(), usage.used, usage.limit);
/// }
/// assert!(governor.snapshot().is_idle());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Snapshot([Usage; Budget::ALL.len()]);

/// What is used of one budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Which budget.
    pub budget: Budget,
    /// What all payers hold together.
    pub used: usize,
    /// The most that was held at once, ever.
    pub peak: usize,
    /// The most that may be held.
    pub limit: usize,
    /// The most that one payer may hold.
    pub share: usize,
    /// How many payers hold something; nobody in particular is not counted.
    pub payers: usize,
    /// How often somebody was refused because of their share, ever.
    pub refused_share: u64,
    /// How often somebody was refused because of the total, ever.
    pub refused_total: u64,
}

impl Snapshot {
    pub(super) fn new(usages: [Usage; Budget::ALL.len()]) -> Self {
        Self(usages)
    }

    /// One budget.
    pub fn usage(&self, budget: Budget) -> &Usage {
        &self.0[budget as usize]
    }

    /// All budgets.
    pub fn usages(&self) -> &[Usage] {
        &self.0
    }

    /// Whether nobody holds anything.
    pub fn is_idle(&self) -> bool {
        self.0.iter().all(|usage| usage.used == 0)
    }
}
