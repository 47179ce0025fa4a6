use super::{Budget, Governor, ledger::Key};
use crate::refusal::Refusal;
use std::fmt;

/// What somebody holds of a budget. Dropping it gives everything back.
#[must_use = "a permit that is dropped gives back what it holds"]
pub struct Permit {
    governor: Governor,
    budget: Budget,
    payer: Option<Key>,
    amount: usize,
}

impl Permit {
    pub(super) fn new(
        governor: Governor,
        budget: Budget,
        payer: Option<Key>,
        amount: usize,
    ) -> Self {
        Self {
            governor,
            budget,
            payer,
            amount,
        }
    }

    /// Takes more of the budget for the same payer.
    ///
    /// # Errors
    /// As [`Governor::acquire`]; what is held stays.
    pub fn try_grow(&mut self, more: usize) -> Result<(), Refusal> {
        self.governor.take(self.budget, self.payer.as_ref(), more)?;
        self.amount += more;
        Ok(())
    }

    /// Gives back a part, at most what is held.
    pub fn shrink(&mut self, less: usize) {
        let less = less.min(self.amount);
        self.governor
            .give_back(self.budget, self.payer.as_ref(), less);
        self.amount -= less;
    }

    /// A permit of another budget for the same payer, which holds nothing yet.
    pub fn beside(&self, budget: Budget) -> Self {
        Self {
            governor: self.governor.clone(),
            budget,
            payer: self.payer.clone(),
            amount: 0,
        }
    }

    /// How much is held.
    pub fn amount(&self) -> usize {
        self.amount
    }

    /// Of which budget.
    pub fn budget(&self) -> Budget {
        self.budget
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shrink(self.amount);
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("budget", &self.budget)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}
