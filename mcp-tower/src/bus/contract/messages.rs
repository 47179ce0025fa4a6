//! Broadcasts and messages.

use super::{Pair, assert_kind, eventually, join, limits, next, of_size, text};
use crate::bus::{Bus, BusErrorKind, Deliveries, Delivery, ReplicaId};
use bytes::Bytes;
use std::sync::Arc;

/// A broadcast reaches every replica that joined elsewhere, once, in order; and none here.
///
/// # Panics
/// When the contract is broken.
pub async fn broadcasts_reach_all_others([here, there]: Pair) {
    here.broadcast(text("for nobody"))
        .await
        .expect("that nobody listens is no error");
    let (_, mut own) = join(&here).await;
    let (_, mut first) = join(&there).await;
    let (_, mut second) = join(&there).await;
    here.broadcast(text("one"))
        .await
        .expect("broadcasting should work");
    here.broadcast(text("two\0\r\n"))
        .await
        .expect("broadcasting should work");
    for deliveries in [&mut first, &mut second] {
        assert_eq!(next(deliveries).await, Delivery::Message(text("one")));
        assert_eq!(next(deliveries).await, Delivery::Message(text("two\0\r\n")));
    }
    // What came back would come before this.
    there
        .broadcast(text("back"))
        .await
        .expect("broadcasting should work");
    assert_eq!(next(&mut own).await, Delivery::Message(text("back")));
    drop(first);
    here.broadcast(text("three"))
        .await
        .expect("broadcasting should work");
    assert_eq!(next(&mut second).await, Delivery::Message(text("three")));
}

/// A message reaches the replica it is for and no other, wherever that joined; one that does not
/// listen, or no longer, is unreachable.
///
/// # Panics
/// When the contract is broken.
pub async fn messages_reach_one_replica([here, there]: Pair) {
    let (own_id, mut own) = join(&here).await;
    let (first_id, mut first) = join(&there).await;
    let (second_id, mut second) = join(&there).await;
    for (to, what) in [(first_id, "first"), (second_id, "second"), (own_id, "own")] {
        here.send(to, text(what))
            .await
            .expect("sending should work");
    }
    for (deliveries, what) in [
        (&mut first, "first"),
        (&mut second, "second"),
        (&mut own, "own"),
    ] {
        assert_eq!(next(deliveries).await, Delivery::Message(text(what)));
    }
    let stranger = ReplicaId::random().expect("there should be randomness");
    assert_kind(
        here.send(stranger, text("lost")).await,
        BusErrorKind::Unreachable,
    );
    drop(first);
    eventually(
        "a replica that has left should become unreachable",
        async || {
            let sent = here.send(first_id, text("too late")).await;
            sent.is_err_and(|error| error.kind() == BusErrorKind::Unreachable)
        },
    )
    .await;
    here.send(second_id, text("still there"))
        .await
        .expect("others should not be affected");
    assert_eq!(
        next(&mut second).await,
        Delivery::Message(text("still there"))
    );
}

/// A message of the largest size arrives, a larger one is refused.
///
/// # Panics
/// When the contract is broken.
pub async fn large_messages_are_refused([here, there]: Pair) {
    let (id, mut deliveries) = join(&there).await;
    let largest = of_size(limits().message_bytes);
    let larger = of_size(limits().message_bytes + 1);
    assert_kind(here.broadcast(larger.clone()).await, BusErrorKind::TooLarge);
    assert_kind(here.send(id, larger).await, BusErrorKind::TooLarge);
    here.broadcast(largest.clone())
        .await
        .expect("the largest should pass");
    here.send(id, largest.clone())
        .await
        .expect("the largest should pass");
    for _ in 0..2 {
        assert_eq!(
            next(&mut deliveries).await,
            Delivery::Message(largest.clone())
        );
    }
}

/// A reader that is too slow gets [`Delivery::Rejoined`] in place of what it missed, and goes on;
/// nobody else misses anything.
///
/// # Panics
/// When the contract is broken.
pub async fn a_slow_reader_is_told_what_it_missed([here, there]: Pair) {
    let (id, mut slow) = join(&there).await;
    let (_, mut other) = join(&here).await;
    // A reader on another thread may keep up with one burst, not with all.
    while !misses_something(&here, id, &mut slow).await {}
    loop {
        here.send(id, text("the end"))
            .await
            .expect("sending should work");
        if find(&mut slow, |message| message == "the end").await {
            break;
        }
    }
    there
        .broadcast(text("to the other"))
        .await
        .expect("broadcasting should work");
    assert_eq!(
        next(&mut other).await,
        Delivery::Message(text("to the other"))
    );
}

/// Sends far more than may wait, without reading; tells whether something was missed.
async fn misses_something(here: &Arc<dyn Bus>, id: ReplicaId, slow: &mut Deliveries) -> bool {
    let last = limits().waiting * 20;
    for number in 0..=last {
        let message = Bytes::from(number.to_string());
        here.send(id, message).await.expect("sending should work");
    }
    !find(slow, |message| *message == *last.to_string().as_bytes()).await
}

/// Reads on until that message; `false` when something was missed before it.
async fn find(deliveries: &mut Deliveries, wanted: impl Fn(&Bytes) -> bool) -> bool {
    loop {
        match next(deliveries).await {
            Delivery::Message(message) if wanted(&message) => return true,
            Delivery::Rejoined => return false,
            _ => {}
        }
    }
}
