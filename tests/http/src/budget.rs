//! What a mount has alive, seen from outside.

use mcp_tower::core::governor::{Budget, Budgets, Governor};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Waits until something is so that no event tells of.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !condition().await {
            sleep(Duration::from_millis(2)).await;
        }
    };
    let limit = Duration::from_secs(30);
    assert!(timeout(limit, waiting).await.is_ok(), "never: {what}");
}

/// Waits until nothing is alive any more.
pub async fn until_idle(governor: &Governor) {
    until("nothing is alive", async || governor.snapshot().is_idle()).await;
}

/// A governor of the default budgets, but for this one.
pub fn governor(budget: Budget, total: usize, share: usize) -> Governor {
    let budgets = Budgets::new().total(budget, total);
    Governor::new(budgets.per_payer(budget, share))
}

/// How much of a budget is used now.
pub fn used(governor: &Governor, budget: Budget) -> usize {
    governor.snapshot().usage(budget).used
}

/// How much of a budget was ever used at once.
pub fn peak(governor: &Governor, budget: Budget) -> usize {
    governor.snapshot().usage(budget).peak
}
