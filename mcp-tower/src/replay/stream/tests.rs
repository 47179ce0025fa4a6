use super::*;
use crate::{
    bus::ReplicaId,
    replay::{CallSource, StreamKind},
    sse::EventName,
};
use mcp_core::{
    Payload, Peer, Server,
    call::Link,
    governor::{Budget, Budgets, Governor, Payer},
    protocol::{Notification, Revision},
};
use std::sync::Arc;

const KEEP: Keep = Keep {
    events: 4,
    bytes: 1024 * 1024,
    time: Duration::from_secs(300),
    retry: Duration::from_secs(1),
};

fn governor(bytes: usize) -> Governor {
    Governor::new(Budgets::new().total(Budget::ReplayBytes, bytes))
}

fn stream(keep: Keep, governor: &Governor, primed: bool) -> (Arc<Link>, Stream) {
    let link = Arc::new(Link::new());
    let source = Source::Call(Box::new(CallSource {
        link: link.clone(),
        server: Server::builder("s", "1").build(),
        id: 1.into(),
        revision: Revision::V2025_11_25,
        event_name: EventName::Message,
    }));
    let name = StreamName {
        replica: ReplicaId::random().unwrap(),
        kind: StreamKind::Call,
        number: 7,
    };
    let permit = governor
        .acquire(Budget::ReplayBytes, &Payer::unknown(), STREAM_BYTES)
        .unwrap();
    (link, Stream::new(name, keep, permit, source, primed))
}

fn say(link: &Link, number: usize) {
    let params = serde_json::json!({"number": number});
    let told = Notification::new("notifications/message", &params).unwrap();
    link.try_emit(told).unwrap();
}

fn answer(link: &Link) {
    link.finish(Payload::Empty.into());
}

/// What there is to read now, and whether it is the end.
fn pending(stream: &Stream, reader: Reader, next: &mut u64) -> (String, bool) {
    let mut cx = Context::from_waker(Waker::noop());
    let mut text = String::new();
    loop {
        match stream.poll_read(reader, next, &mut cx) {
            Poll::Pending => return (text, false),
            Poll::Ready(None) => return (text, true),
            Poll::Ready(Some(Read::Events(piece) | Read::HangUp(piece))) => {
                text.push_str(std::str::from_utf8(&piece).unwrap());
            }
        }
    }
}

fn numbers(text: &str) -> Vec<usize> {
    let marks = text.match_indices("\"number\":");
    let digit = |(at, mark): (usize, &str)| text[at + mark.len()..].chars().next();
    let numbers = marks.filter_map(digit);
    numbers
        .filter_map(|digit| digit.to_digit(10))
        .map(|digit| digit as usize)
        .collect()
}

#[tokio::test]
async fn what_is_kept_is_read_again_from_any_event_on() {
    let (link, stream) = stream(KEEP, &governor(100_000), true);
    let (reader, mut next) = stream.read();
    (1..=2).for_each(|number| say(&link, number));
    let (text, over) = pending(&stream, reader, &mut next);
    assert!(
        text.starts_with("id: ") && text.contains("retry: 1000\ndata: \n\n"),
        "{text}"
    );
    assert_eq!((numbers(&text), over), (vec![1, 2], false));
    for (after, expected) in [(0, vec![1, 2]), (1, vec![2]), (2, vec![])] {
        let (reader, mut next) = stream.read_after(after).unwrap();
        assert_eq!(numbers(&pending(&stream, reader, &mut next).0), expected);
    }
    assert_eq!(stream.read_after(3).unwrap_err(), Missed);
    assert_eq!(stream.read_after(u64::MAX).unwrap_err(), Missed);
}

#[tokio::test]
async fn the_oldest_events_make_room() {
    let governor = governor(100_000);
    let by_number = stream(KEEP, &governor, false);
    let mut little = KEEP;
    little.bytes = 600;
    let by_bytes = stream(little, &governor, false);
    let by_budget = stream(KEEP, &self::governor(STREAM_BYTES + 600), false);
    for (name, (link, stream)) in [
        ("events", by_number),
        ("bytes", by_bytes),
        ("budget", by_budget),
    ] {
        let (reader, mut next) = stream.read();
        (1..=9).for_each(|number| say(&link, number));
        assert_eq!(
            numbers(&pending(&stream, reader, &mut next).0).len(),
            9,
            "{name}"
        );
        assert_eq!(stream.read_after(0).unwrap_err(), Missed, "{name}");
        let (reader, mut next) = stream.read_after(7).unwrap();
        assert_eq!(
            numbers(&pending(&stream, reader, &mut next).0),
            [9],
            "{name}"
        );
        drop(stream);
    }
    assert!(governor.snapshot().is_idle());
}

#[tokio::test]
async fn a_stream_has_one_reader() {
    let (link, stream) = stream(KEEP, &governor(100_000), false);
    let (first, mut next) = stream.read();
    say(&link, 1);
    assert_eq!(numbers(&pending(&stream, first, &mut next).0), [1]);
    let (second, mut after) = stream.read_after(0).unwrap();
    assert_eq!(pending(&stream, first, &mut next), (String::new(), true));
    // One that was replaced leaves nobody behind.
    assert!(stream.go_on_without(first).is_none());
    say(&link, 2);
    assert_eq!(numbers(&pending(&stream, second, &mut after).0), [2]);
    // What nobody hears is kept.
    let (nobody, mut unheard) = stream.go_on_without(second).unwrap();
    assert!(!stream.is_read());
    say(&link, 3);
    answer(&link);
    assert!(pending(&stream, nobody, &mut unheard).1);
    let (third, mut last) = stream.read_after(1).unwrap();
    let (text, over) = pending(&stream, third, &mut last);
    assert_eq!((numbers(&text), over), (vec![3], true));
    assert!(text.contains("\"result\""));
}

#[tokio::test]
async fn a_reader_that_is_too_slow_ends() {
    let (link, stream) = stream(KEEP, &governor(100_000), false);
    let (reader, mut next) = stream.read();
    say(&link, 1);
    pending(&stream, reader, &mut next);
    let (slow, mut behind) = stream.read_after(0).unwrap();
    behind = behind.saturating_sub(1);
    // Another one reads on, so that what this one wants is kept no more.
    let (reader, mut next) = stream.read();
    (2..=9).for_each(|number| say(&link, number));
    pending(&stream, reader, &mut next);
    assert_eq!(pending(&stream, slow, &mut behind), (String::new(), true));
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_kept_longer_when_it_was_cut() {
    let (link, cut) = stream(KEEP, &governor(100_000), false);
    let (delivered_link, delivered) = stream(KEEP, &governor(100_000), false);
    for (link, stream) in [(&link, &cut), (&delivered_link, &delivered)] {
        answer(link);
        let (reader, mut next) = stream.read();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(matches!(
            stream.poll_read(reader, &mut next, &mut cx),
            Poll::Ready(Some(Read::Events(_)))
        ));
        match std::ptr::eq(stream, &cut) {
            true => assert!(stream.go_on_without(reader).is_none()),
            false => assert!(pending(stream, reader, &mut next).1),
        }
    }
    let after = |seconds| Instant::now() + Duration::from_secs(seconds);
    assert!(!delivered.is_over(after(29)));
    assert!(delivered.is_over(after(30)));
    assert!(!cut.is_over(after(299)));
    assert!(cut.is_over(after(300)));
}

#[tokio::test]
async fn a_hang_up_ends_the_connection_and_not_the_stream() {
    let link = Arc::new(Link::new().resumable(true));
    let governor = governor(100_000);
    let (_, stream) = {
        let source = Source::Call(Box::new(CallSource {
            link: link.clone(),
            server: Server::builder("s", "1").build(),
            id: 1.into(),
            revision: Revision::V2025_11_25,
            event_name: EventName::Message,
        }));
        let (other, made) = stream(KEEP, &governor, false);
        let permit = governor
            .acquire(Budget::ReplayBytes, &Payer::unknown(), STREAM_BYTES)
            .unwrap();
        (other, Stream::new(made.name(), KEEP, permit, source, false))
    };
    let (reader, mut next) = stream.read();
    assert!(link.close_stream(Duration::from_millis(20)));
    assert!(
        link.close_stream(Duration::from_millis(30)),
        "asked for twice, done once"
    );
    let mut cx = Context::from_waker(Waker::noop());
    match stream.poll_read(reader, &mut next, &mut cx) {
        Poll::Ready(Some(Read::HangUp(piece))) => assert_eq!(piece, "retry: 20\n\n"),
        other => panic!("{other:?}"),
    }
    let (nobody, mut unheard) = stream.go_on_without(reader).unwrap();
    answer(&link);
    assert!(pending(&stream, nobody, &mut unheard).1);
}
