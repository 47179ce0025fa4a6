use super::*;
use crate::principal::Principal;
use std::net::IpAddr;

fn payer(name: &str) -> Payer {
    Payer::new(&Principal::new("issuer", name), None)
}

fn governor(total: usize, share: usize) -> Governor {
    let budgets = Budget::ALL.iter().fold(Budgets::new(), |budgets, budget| {
        budgets.total(*budget, total).per_payer(*budget, share)
    });
    Governor::new(budgets)
}

#[test]
fn every_budget_refuses_at_its_share_and_at_its_total() {
    for budget in Budget::ALL {
        let governor = governor(3, 2);
        let held = governor.acquire(budget, &payer("ada"), 2).unwrap();
        let refusal = governor.acquire(budget, &payer("ada"), 1).unwrap_err();
        assert_eq!(refusal.status(), 429);
        assert!(refusal.retry_after().is_some());
        let other = governor.acquire(budget, &payer("bob"), 1).unwrap();
        let refusal = governor.acquire(budget, &payer("bob"), 1).unwrap_err();
        assert_eq!(refusal.status(), 503);
        assert!(refusal.retry_after().is_some());
        let usage = *governor.snapshot().usage(budget);
        assert_eq!((usage.used, usage.payers), (3, 2));
        assert_eq!((usage.refused_share, usage.refused_total), (1, 1));
        drop(held);
        drop(governor.acquire(budget, &payer("bob"), 1).unwrap());
        drop(other);
        let snapshot = governor.snapshot();
        assert!(snapshot.is_idle());
        assert_eq!(
            (snapshot.usage(budget).peak, snapshot.usage(budget).payers),
            (3, 0)
        );
    }
}

#[test]
fn budgets_do_not_touch_each_other() {
    let governor = governor(1, 1);
    let held: Vec<_> = Budget::ALL
        .iter()
        .map(|budget| governor.acquire(*budget, &payer("ada"), 1).unwrap())
        .collect();
    drop(held);
    assert!(governor.snapshot().is_idle());
}

#[test]
fn a_permit_grows_and_shrinks_within_the_limits() {
    let governor = governor(10, 8);
    let mut permit = governor
        .acquire(Budget::QueuedBytes, &payer("ada"), 0)
        .unwrap();
    permit.try_grow(8).unwrap();
    assert_eq!(permit.try_grow(1).unwrap_err().status(), 429);
    assert_eq!(permit.try_grow(usize::MAX).unwrap_err().status(), 429);
    permit.shrink(3);
    assert_eq!(permit.amount(), 5);
    permit.shrink(100);
    assert_eq!(permit.amount(), 0);
    assert!(governor.snapshot().is_idle());
    assert_eq!(governor.0.ledger.payers(), [0; Budget::ALL.len()]);
}

#[test]
fn a_refusal_takes_nothing() {
    let governor = governor(2, 5);
    let held = governor.acquire(Budget::Calls, &payer("ada"), 2).unwrap();
    assert_eq!(
        governor
            .acquire(Budget::Calls, &payer("bob"), 1)
            .unwrap_err()
            .status(),
        503
    );
    assert_eq!(governor.snapshot().usage(Budget::Calls).payers, 1);
    drop(held);
    assert!(governor.snapshot().is_idle());
}

#[test]
fn whoever_is_not_known_is_bounded_by_the_total_alone() {
    let governor = governor(3, 1);
    let _held: Vec<_> = (0..3)
        .map(|_| {
            governor
                .acquire(Budget::Calls, &Payer::unknown(), 1)
                .unwrap()
        })
        .collect();
    let refusal = governor
        .acquire(Budget::Calls, &Payer::unknown(), 1)
        .unwrap_err();
    assert_eq!(refusal.status(), 503);
}

#[test]
fn addresses_pay_where_there_is_no_principal() {
    let at = |text: &str| {
        let address: IpAddr = text.parse().unwrap();
        Payer::new(&Principal::Anonymous, Some(address))
    };
    assert_eq!(at("2001:db8:0:1::1"), at("2001:db8:0:1:ffff::"));
    assert_ne!(at("2001:db8:0:1::1"), at("2001:db8:0:2::1"));
    assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
}

#[test]
fn nothing_is_lost_between_threads_and_nothing_is_kept_of_a_crowd() {
    let governor = governor(50, 7);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let governor = &governor;
            scope.spawn(move || {
                let mut held = Vec::new();
                for turn in 0..5_000 {
                    let payer = payer(&((turn * 7 + thread) % 300).to_string());
                    held.extend(governor.acquire(Budget::Calls, &payer, 1 + turn % 3));
                    if held.len() > 20 {
                        held.clear();
                    }
                }
            });
        }
    });
    let snapshot = governor.snapshot();
    assert!(snapshot.is_idle());
    let usage = snapshot.usage(Budget::Calls);
    assert!(usage.peak <= 50 && usage.refused_total > 0, "{usage:?}");
    assert_eq!(usage.payers, 0);
}

#[test]
fn a_table_shrinks_after_a_crowd() {
    let governor = Governor::new(Budgets::unlimited());
    let crowd: Vec<_> = (0..20_000)
        .map(|number| {
            let payer = payer(&number.to_string());
            governor.acquire(Budget::Rows, &payer, 1).unwrap()
        })
        .collect();
    let crowded = governor.0.ledger.capacity();
    drop(crowd);
    let left = governor.0.ledger.capacity();
    assert!(crowded >= 20_000 && left <= 16 * 128, "{crowded}, {left}");
}
