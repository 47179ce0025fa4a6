//! Logs.

use super::{LONG, PATIENCE, Pair, assert_kind, eventually, limits, of_size, text};
use crate::bus::{Bus, BusErrorKind};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};

/// Everything after the first `after` entries, as far as it is there.
async fn rest(bus: &Arc<dyn Bus>, log: &str, after: u64) -> Vec<Bytes> {
    let mut entries = Vec::new();
    loop {
        let after = after + entries.len() as u64;
        let more = bus
            .read(log, after, Duration::ZERO)
            .await
            .expect("reading should work");
        if more.is_empty() {
            return entries;
        }
        entries.extend(more);
    }
}

/// What one process appends, another reads, in order, from any place; logs do not mix.
///
/// # Panics
/// When the contract is broken.
pub async fn logs_are_read_from_anywhere([here, there]: Pair) {
    let unknown = there.read("log", 0, PATIENCE).await;
    assert_kind(unknown, BusErrorKind::Unknown);
    here.append("log", Vec::new(), LONG)
        .await
        .expect("opening should work");
    assert_eq!(rest(&there, "log", 0).await, Vec::<Bytes>::new());
    here.append("log", vec![text("a"), text("")], LONG)
        .await
        .expect("appending should work");
    there
        .append("log", vec![text("c\0")], LONG)
        .await
        .expect("appending should work");
    here.append("log", Vec::new(), LONG)
        .await
        .expect("keeping alive should work");
    here.append("log: other", vec![text("other")], LONG)
        .await
        .expect("appending should work");
    let all = [text("a"), text(""), text("c\0")];
    for (after, expected) in [
        (0, &all[..]),
        (1, &all[1..]),
        (2, &all[2..]),
        (3, &[]),
        (9, &[]),
    ] {
        for bus in [&here, &there] {
            assert_eq!(rest(bus, "log", after).await, expected, "after {after}");
        }
    }
    let beyond = there.read("log", u64::MAX, Duration::ZERO).await;
    assert_eq!(beyond.expect("reading should work"), Vec::<Bytes>::new());
    assert_eq!(rest(&there, "log: other", 0).await, [text("other")]);
}

/// Many readers wait at once, for the same log and for others; each gets what is appended, and
/// none keeps other operations from being done.
///
/// # Panics
/// When the contract is broken.
pub async fn reading_waits_for_the_next_entry([here, there]: Pair) {
    for log in ["one", "two"] {
        here.append(log, vec![text("first")], LONG)
            .await
            .expect("opening should work");
    }
    let readers: Vec<_> = (0..8)
        .map(|number| {
            let (bus, log) = (there.clone(), ["one", "two"][number % 2]);
            tokio::spawn(async move { bus.read(log, 1, PATIENCE).await })
        })
        .collect();
    // On the connection that the readers wait on.
    there
        .broadcast(text("not stalled"))
        .await
        .expect("broadcasting should work");
    for log in ["one", "two"] {
        there
            .append(log, vec![text(log)], LONG)
            .await
            .expect("appending should work");
    }
    for (number, reader) in readers.into_iter().enumerate() {
        let entries = reader
            .await
            .expect("reading should not panic")
            .expect("reading should work");
        assert_eq!(entries, [text(["one", "two"][number % 2])]);
    }
    let nothing = there.read("one", 2, Duration::from_millis(10)).await;
    assert_eq!(nothing.expect("reading should work"), Vec::<Bytes>::new());
    let (waiting, appended) = tokio::join!(
        there.read("one", 2, PATIENCE),
        here.append("one", vec![text("last")], LONG)
    );
    appended.expect("appending should work");
    assert_eq!(waiting.expect("reading should work"), [text("last")]);
}

/// A log lives until its time is over, counted from the last that was appended; then it starts
/// anew.
///
/// # Panics
/// When the contract is broken.
pub async fn logs_expire([here, there]: Pair) {
    let moment = Duration::from_millis(20);
    here.append("log", vec![text("a")], moment)
        .await
        .expect("appending should work");
    // Kept alive, unless it is over already.
    here.append("log", vec![text("b")], LONG)
        .await
        .expect("appending should work");
    here.append("other", vec![text("c")], moment)
        .await
        .expect("appending should work");
    eventually("a log should expire", async || {
        let read = there.read("other", 0, Duration::ZERO).await;
        read.is_err_and(|error| error.kind() == BusErrorKind::Unknown)
    })
    .await;
    assert_eq!(rest(&there, "log", 0).await.last(), Some(&text("b")));
    here.append("other", vec![text("d")], LONG)
        .await
        .expect("appending should work");
    assert_eq!(rest(&there, "other", 0).await, [text("d")]);
}

/// Logs are bounded in number, entries and bytes; what does not fit is refused as a whole.
///
/// # Panics
/// When the contract is broken.
pub async fn logs_are_bounded([here, there]: Pair) {
    let limits = limits();
    let name = "n".repeat(limits.key_bytes + 1);
    assert_kind(
        here.append(&name, Vec::new(), LONG).await,
        BusErrorKind::TooLarge,
    );

    let entries = |count| vec![text("e"); count];
    here.append("long", entries(limits.log_entries - 1), LONG)
        .await
        .expect("there should be room");
    assert_kind(
        there.append("long", entries(2), LONG).await,
        BusErrorKind::Full,
    );
    there
        .append("long", entries(1), LONG)
        .await
        .expect("there should be room");
    assert_kind(
        here.append("long", entries(1), LONG).await,
        BusErrorKind::Full,
    );
    assert_eq!(rest(&here, "long", 0).await.len(), limits.log_entries);

    let half = of_size(limits.log_bytes / 2);
    here.append("large", vec![half.clone()], LONG)
        .await
        .expect("there should be room");
    let more = vec![half.clone(), text("e")];
    assert_kind(there.append("large", more, LONG).await, BusErrorKind::Full);
    there
        .append("large", vec![half], LONG)
        .await
        .expect("there should be room");
    assert_kind(
        there.append("large", entries(1), LONG).await,
        BusErrorKind::Full,
    );
    assert_eq!(rest(&here, "large", 0).await.len(), 2);

    let moment = Duration::from_millis(1);
    for number in 2..limits.logs {
        here.append(&number.to_string(), Vec::new(), moment)
            .await
            .expect("there should be room");
    }
    eventually("what has expired should make room", async || {
        there.append("more", Vec::new(), LONG).await.is_ok()
    })
    .await;
    assert_kind(
        here.append("too many", Vec::new(), LONG).await,
        BusErrorKind::Full,
    );
    here.append("more", entries(1), LONG)
        .await
        .expect("what is there may grow");
}
