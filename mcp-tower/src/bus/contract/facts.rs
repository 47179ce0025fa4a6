//! Facts.

use super::{LONG, Pair, assert_kind, eventually, join, limits, next, of_size, text};
use crate::bus::{Bus, BusErrorKind, Delivery, Fact};
use bytes::Bytes;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

async fn known(bus: &Arc<dyn Bus>) -> BTreeMap<String, Bytes> {
    let facts = bus.facts().await.expect("facts should be known");
    let count = facts.len();
    let known: BTreeMap<_, _> = facts
        .into_iter()
        .map(|fact| (fact.key, fact.value))
        .collect();
    assert_eq!(known.len(), count, "no fact comes twice");
    known
}

fn remembered(delivery: Delivery) -> Fact {
    match delivery {
        Delivery::Remembered(fact) => fact,
        other => panic!("should be a fact, is {other:?}"),
    }
}

/// Facts are told to the replicas of others, replace what their key said before, and are there for
/// those who come later, until they are forgotten.
///
/// # Panics
/// When the contract is broken.
pub async fn facts_are_told_to_others_and_kept([here, there]: Pair) {
    assert_eq!(known(&here).await, BTreeMap::new());
    let (_, mut own) = join(&here).await;
    let (_, mut other) = join(&there).await;
    let key = "level/ünïcode: *\0";
    for value in ["info", "de\0bug"] {
        here.remember(key, text(value), LONG)
            .await
            .expect("remembering should work");
        let fact = remembered(next(&mut other).await);
        assert_eq!((&*fact.key, fact.value), (key, text(value)));
        assert!(!fact.ttl.is_zero() && fact.ttl <= LONG, "{:?}", fact.ttl);
    }
    here.remember("empty", Bytes::new(), LONG)
        .await
        .expect("remembering should work");
    assert_eq!(remembered(next(&mut other).await).value, Bytes::new());
    let both = [
        ("empty".to_owned(), Bytes::new()),
        (key.to_owned(), text("de\0bug")),
    ];
    for bus in [&here, &there] {
        assert_eq!(known(bus).await, both.clone().into());
    }
    let facts = here.facts().await.expect("facts should be known");
    assert!(
        facts
            .iter()
            .all(|fact| !fact.ttl.is_zero() && fact.ttl <= LONG)
    );

    there.forget(key).await.expect("forgetting should work");
    // The first that came here: what is remembered here is not told here.
    assert_eq!(next(&mut own).await, Delivery::Forgotten(key.to_owned()));
    assert_eq!(
        known(&here).await,
        [("empty".to_owned(), Bytes::new())].into()
    );
    here.forget("never known")
        .await
        .expect("forgetting should work");
    assert_eq!(
        next(&mut other).await,
        Delivery::Forgotten("never known".to_owned())
    );
}

/// Facts expire, and one that is remembered again lives longer.
///
/// # Panics
/// When the contract is broken.
pub async fn facts_expire([here, there]: Pair) {
    let moment = Duration::from_millis(20);
    here.remember("long", text("a"), LONG)
        .await
        .expect("remembering should work");
    for ttl in [Duration::ZERO, moment] {
        here.remember("short", text("b"), ttl)
            .await
            .expect("remembering should work");
        eventually("a fact should expire", async || {
            known(&there).await.len() == 1
        })
        .await;
    }
    here.remember("again", text("c"), moment)
        .await
        .expect("remembering should work");
    here.remember("again", text("d"), Duration::MAX)
        .await
        .expect("remembering should work");
    here.remember("short", text("b"), moment)
        .await
        .expect("remembering should work");
    eventually("a fact should expire", async || {
        !known(&there).await.contains_key("short")
    })
    .await;
    let expected = [
        ("again".to_owned(), text("d")),
        ("long".to_owned(), text("a")),
    ];
    assert_eq!(known(&there).await, expected.into());
}

/// Facts are bounded in number and size; what is forgotten or has expired makes room.
///
/// # Panics
/// When the contract is broken.
pub async fn facts_are_bounded([here, there]: Pair) {
    let limits = limits();
    let (key, value) = ("k".repeat(limits.key_bytes), of_size(limits.fact_bytes));
    let long_key = "k".repeat(limits.key_bytes + 1);
    assert_kind(
        here.remember(&long_key, text("a"), LONG).await,
        BusErrorKind::TooLarge,
    );
    assert_kind(here.forget(&long_key).await, BusErrorKind::TooLarge);
    let large = of_size(limits.fact_bytes + 1);
    assert_kind(
        here.remember("large", large, LONG).await,
        BusErrorKind::TooLarge,
    );
    here.remember(&key, value.clone(), LONG)
        .await
        .expect("the largest should pass");
    assert_eq!(known(&there).await, [(key.clone(), value)].into());

    let (_, mut other) = join(&there).await;
    for number in 1..limits.facts {
        let key = number.to_string();
        here.remember(&key, text("a"), LONG)
            .await
            .expect("there should be room");
        next(&mut other).await;
    }
    assert_kind(
        there.remember("more", text("a"), LONG).await,
        BusErrorKind::Full,
    );
    assert_kind(
        here.remember("more", text("a"), LONG).await,
        BusErrorKind::Full,
    );
    here.remember(&key, text("b"), LONG)
        .await
        .expect("what is known may change");
    // Nobody is told of what was refused.
    assert_eq!(remembered(next(&mut other).await).key, key);
    there.forget("1").await.expect("forgetting should work");
    let moment = Duration::from_millis(1);
    here.remember("short", text("a"), moment)
        .await
        .expect("what is forgotten makes room");
    eventually("what has expired should make room", async || {
        there.remember("more", text("a"), LONG).await.is_ok()
    })
    .await;
    assert_eq!(known(&here).await.len(), limits.facts);
}
