//! What every [`Bus`] has to prove.
//!
//! Each function takes two connections to one medium that nothing else uses and that has
//! [`limits`], as two processes would have them, and panics when they break the contract. They
//! need a tokio runtime with time. [`all`] runs every one.

mod facts;
mod logs;
mod messages;

pub use self::{facts::*, logs::*, messages::*};

use super::{Bus, BusError, BusErrorKind, BusLimits, Deliveries, Delivery, ReplicaId};
use bytes::Bytes;
use std::{fmt::Debug, sync::Arc, time::Duration};

/// Two connections to one medium.
pub type Pair = [Arc<dyn Bus>; 2];

/// Two connections, as the functions here take them.
pub fn pair(here: impl Bus, there: impl Bus) -> Pair {
    [Arc::new(here), Arc::new(there)]
}

/// How long something may take that has to happen: a broken bus fails a test, it does not hang it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

/// The limits that the media under test must have: small enough to be reached.
pub const fn limits() -> BusLimits {
    let mut limits = BusLimits::new();
    limits.message_bytes = 1024;
    limits.key_bytes = 64;
    limits.fact_bytes = 128;
    limits.facts = 4;
    limits.logs = 3;
    limits.log_entries = 8;
    limits.log_bytes = 256;
    limits.waiting = 16;
    limits.waiting_bytes = 4096;
    limits
}

/// Everything, each on a medium of its own, which `connect` makes.
///
/// ```
/// use mcp_tower::bus::{LocalBus, contract};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// contract::all(async || {
///     let bus = LocalBus::with_limits(contract::limits());
///     contract::pair(bus.clone(), bus)
/// })
/// .await;
/// # }
/// ```
///
/// # Panics
/// When the contract is broken.
pub async fn all(connect: impl AsyncFn() -> Pair) {
    broadcasts_reach_all_others(connect().await).await;
    messages_reach_one_replica(connect().await).await;
    large_messages_are_refused(connect().await).await;
    a_slow_reader_is_told_what_it_missed(connect().await).await;
    facts_are_told_to_others_and_kept(connect().await).await;
    facts_expire(connect().await).await;
    facts_are_bounded(connect().await).await;
    logs_are_read_from_anywhere(connect().await).await;
    reading_waits_for_the_next_entry(connect().await).await;
    logs_expire(connect().await).await;
    logs_are_bounded(connect().await).await;
}

async fn join(bus: &Arc<dyn Bus>) -> (ReplicaId, Deliveries) {
    let replica = ReplicaId::random().expect("there should be randomness");
    let deliveries = bus.join(replica).await.expect("joining should work");
    (replica, deliveries)
}

async fn next(deliveries: &mut Deliveries) -> Delivery {
    tokio::time::timeout(PATIENCE, deliveries.next())
        .await
        .expect("a delivery should come")
        .expect("deliveries should go on")
}

#[track_caller]
fn assert_kind<T: Debug>(result: Result<T, BusError>, kind: BusErrorKind) {
    match result {
        Ok(value) => panic!("should fail as {kind:?}, gave {value:?}"),
        Err(error) => assert_eq!(error.kind(), kind, "{error:?}"),
    }
}

/// Waits until the condition holds; there is nothing to be notified of.
async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let reached = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, reached)
        .await
        .unwrap_or_else(|_| panic!("{what}, but does not"));
}

fn text(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn of_size(bytes: usize) -> Bytes {
    vec![b'x'; bytes].into()
}
