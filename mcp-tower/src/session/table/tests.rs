use super::*;
use crate::session::key::{Owner, SessionId};
use mcp_core::{
    LogLevel, Mount, Principal,
    governor::{Budget, Governor, Payer},
};
use std::time::Duration;

fn key(number: u8) -> SessionKey {
    let owner = Owner::new(Principal::Anonymous, Mount::unnamed());
    // All in one place, so that places alone decide nothing.
    let mut id = [0; 16];
    id[15] = number;
    SessionKey::new(&owner, SessionId(id))
}

fn enter(table: &Arc<Table>, governor: &Governor, key: SessionKey) -> Result<RowGuard, EnterError> {
    table.enter(key, || {
        let permit = governor.acquire(Budget::Rows, &Payer::unknown(), 1)?;
        Ok(Row::new(key, Duration::from_secs(60), permit))
    })
}

fn found(table: &Arc<Table>, key: SessionKey) -> &'static str {
    match table.find(key.place, || key) {
        Found::Nothing => "nothing",
        Found::Live(_) => "live",
        Found::Ended => "ended",
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_is_there_while_something_is_alive() {
    let (table, governor) = (Arc::new(Table::default()), Governor::default());
    assert_eq!(found(&table, key(1)), "nothing");
    let row = enter(&table, &governor, key(1)).ok().unwrap();
    assert_eq!(found(&table, key(1)), "live");
    assert_eq!(found(&table, key(2)), "nothing");
    let again = enter(&table, &governor, key(1)).ok().unwrap();
    assert!(std::ptr::eq(&*row, &*again));
    drop(row);
    assert_eq!(found(&table, key(1)), "live");
    drop(again);
    assert_eq!(found(&table, key(1)), "nothing");
    assert!(governor.snapshot().is_idle());
}

#[tokio::test(start_paused = true)]
async fn what_a_client_has_set_outlives_its_use_for_a_while() {
    let (table, governor) = (Arc::new(Table::default()), Governor::default());
    let row = enter(&table, &governor, key(1)).ok().unwrap();
    row.state().set_log_level(LogLevel::Debug);
    drop(row);
    tokio::time::advance(Duration::from_secs(59)).await;
    assert_eq!(table.sweep(), 1);
    let used = enter(&table, &governor, key(1)).ok().unwrap();
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(table.sweep(), 1, "it is used");
    drop(used);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(table.sweep(), 0);
    assert!(governor.snapshot().is_idle());
}

#[tokio::test(start_paused = true)]
async fn ends_are_remembered_and_bounded() {
    let (table, governor) = (Arc::new(Table::default()), Governor::default());
    let until = Instant::now() + Duration::from_secs(10);
    let row = enter(&table, &governor, key(1)).ok().unwrap();
    assert!(table.end(key(1), until, 2).unwrap().is_some());
    drop(row);
    assert_eq!(found(&table, key(1)), "ended");
    assert!(matches!(
        enter(&table, &governor, key(1)),
        Err(EnterError::Ended)
    ));
    assert!(table.end(key(2), until, 2).unwrap().is_none());
    assert!(table.end(key(2), until, 2).unwrap().is_none(), "again");
    assert!(table.end(key(3), until, 2).is_none(), "no room");
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(found(&table, key(1)), "nothing");
    table.sweep();
    assert!(table.end(key(3), until, 2).unwrap().is_none());
    assert!(governor.snapshot().is_idle());
}

#[test]
fn threads_leave_nothing_behind() {
    let (table, governor) = (Arc::new(Table::default()), Governor::default());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..2_000_u32 {
                    let key = key(u8::try_from(round % 3).unwrap());
                    let row = enter(&table, &governor, key).ok().unwrap();
                    assert_eq!(found(&table, key), "live");
                    drop(row);
                    if round % 64 == 0 {
                        table.sweep();
                    }
                }
            });
        }
    });
    assert_eq!(table.live(), 0);
    assert_eq!(found(&table, key(0)), "nothing");
    assert!(!table.may_have(key(0).place), "the place is counted down");
    assert!(governor.snapshot().is_idle());
}
