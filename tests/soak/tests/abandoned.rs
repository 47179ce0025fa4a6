//! Sessions that are opened and never ended leave nothing behind.

#![cfg(target_os = "linux")]

use mcp_tower::core::governor::Budget;
use soak_tests::{open, resident, service};

const WARM_UP: usize = 20_000;
const SESSIONS: usize = 200_000;
const GROWTH: usize = 4 * 1024 * 1024;

#[tokio::test]
async fn sessions_that_nobody_ends_cost_nothing() {
    let (service, governor) = service();
    for _ in 0..WARM_UP {
        open(&service).await;
    }
    let before = resident("self");
    for _ in 0..SESSIONS {
        open(&service).await;
    }
    let growth = resident("self").saturating_sub(before);
    let snapshot = governor.snapshot();
    assert_eq!(snapshot.usage(Budget::Rows).peak, 0);
    assert!(snapshot.is_idle(), "{snapshot:?}");
    assert!(growth <= GROWTH, "{growth} bytes more are resident");
}
