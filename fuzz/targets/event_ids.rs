//! `Last-Event-ID`: whatever a client says that it has seen last, it gets the rest of its own streams
//! or is refused, and nothing is used up by either.
#![no_main]

use arbitrary::Arbitrary;
use fuzz_targets::{Ask, Event, Fresh, Sandbox, events, said, service};
use libfuzzer_sys::fuzz_target;
use mcp_tower::governor::Budget;
use serde_json::json;
use tokio::task;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Who comes back, and whose event it says it has seen.
    bob: bool,
    of_bob: bool,
    parts: Vec<Part<'a>>,
    edits: Vec<(u8, u8)>,
}

#[derive(Arbitrary, Debug)]
enum Part<'a> {
    /// A part of a name that exists.
    Known(u8, u8, u8),
    Text(&'a [u8]),
}

const NAMES: [&str; 2] = ["ada", "bob"];

struct World {
    sandbox: Sandbox,
    callers: [Caller; 2],
    used: [usize; 7],
}

struct Caller {
    session: String,
    /// Names of the events of its streams.
    known: Vec<String>,
}

thread_local! {
    static WORLD: Fresh<World> = const { Fresh::new() };
}

fuzz_target!(|input: Input<'_>| {
    WORLD.with(|world| world.with(World::new, |world| world.run(&input)));
});

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::new(service);
        let callers = NAMES.map(|name| sandbox.run(Caller::new(&sandbox, name)));
        sandbox.run(settle());
        let used = sandbox.used();
        Self {
            sandbox,
            callers,
            used,
        }
    }

    fn run(&self, input: &Input<'_>) {
        let at = usize::from(input.bob);
        let last = self.name_of_event(input);
        let ask = Ask::bare("GET")
            .by(NAMES[at])
            .add("mcp-session-id", &self.callers[at].session)
            .add("last-event-id", &last);
        let Some(request) = ask.request() else { return };
        self.sandbox.run(async {
            let mut reply = self.sandbox.send(request).await;
            match reply.status().as_u16() {
                200 => {
                    let events = events(&said(reply.body_mut()).await);
                    self.check(NAMES[at], &last, &events);
                }
                400 => {}
                other => panic!("{other} for {last:?}"),
            }
            drop(reply);
            settle().await;
        });
        // A new standing stream, which says that everything may have changed, takes the place of the
        // last one: that is all that may be kept.
        for (usage, before) in self
            .sandbox
            .governor
            .snapshot()
            .usages()
            .iter()
            .zip(self.used)
        {
            match usage.budget {
                Budget::ReplayBytes => assert!(usage.used < before + 4096),
                _ => assert_eq!(usage.used, before, "{:?}", usage.budget),
            }
        }
    }

    fn name_of_event(&self, input: &Input<'_>) -> Vec<u8> {
        let known = &self.callers[usize::from(input.of_bob)].known;
        let mut name = Vec::new();
        for part in &input.parts {
            match part {
                Part::Text(text) => name.extend_from_slice(text),
                Part::Known(at, from, to) => {
                    let known = known[usize::from(*at) % known.len()].as_bytes();
                    let end = known.len() - usize::from(*to) % known.len();
                    let start = (usize::from(*from) % known.len()).min(end);
                    name.extend_from_slice(&known[start..end]);
                }
            }
        }
        for (at, bits) in &input.edits {
            if let Some(byte) = name.get_mut(usize::from(*at)) {
                *byte ^= bits;
            }
        }
        name
    }

    /// What comes after an event is the caller's own, and in order.
    fn check(&self, name: &str, last: &[u8], events: &[Event]) {
        let last = str::from_utf8(last).expect("a name that was accepted is text");
        let (stream, number) = parse(last).expect("a name that was accepted is one");
        let is_call = stream.as_bytes()[16] == b'c';
        let mut next = number + 1;
        for event in events {
            if event.data.contains("notifications/message") {
                assert!(
                    event.data.contains(&format!("\"{name}\"")),
                    "{name} {event:?}"
                );
            }
            if is_call {
                let id = event.id.as_deref().expect("an event has a name");
                assert_eq!(parse(id), Some((stream, next)), "{event:?} after {last}");
                next += 1;
            }
        }
    }
}

impl Caller {
    /// Opens a session, and cuts its streams.
    async fn new(sandbox: &Sandbox, name: &str) -> Self {
        let opened = sandbox.ask(&Ask::initialize("2025-11-25").by(name)).await;
        let opened = opened.expect("a session");
        let session = opened.headers["mcp-session-id"].to_str().expect("an id");
        let mut caller = Self {
            session: session.to_owned(),
            known: Vec::new(),
        };
        for _ in 0..2 {
            let call = Ask::legacy(1, "tools/call", json!({"name": "talk", "arguments": {}}));
            caller.listen(sandbox, call.by(name)).await;
        }
        caller.listen(sandbox, Ask::bare("GET").by(name)).await;
        assert!(caller.known.len() > 10, "{:?}", caller.known);
        caller
    }

    async fn listen(&mut self, sandbox: &Sandbox, ask: Ask<'_>) {
        let ask = ask.add("mcp-session-id", &self.session);
        let mut reply = sandbox.send(ask.request().expect("a request")).await;
        let events = events(&said(reply.body_mut()).await);
        self.known
            .extend(events.into_iter().filter_map(|event| event.id));
    }
}

/// A stream and the number of an event, if this is a name as it is written.
fn parse(name: &str) -> Option<(&str, u64)> {
    let (stream, number) = name.split_once('.')?;
    let hex = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_one = stream.len() > 17
        && hex(&stream[..16])
        && ["c", "s"].contains(&&stream[16..17])
        && hex(&stream[17..])
        && hex(number);
    let number = u64::from_str_radix(number, 16).ok()?;
    is_one.then_some((stream, number))
}

/// Lets everything happen that does not wait for time.
async fn settle() {
    for _ in 0..16 {
        task::yield_now().await;
    }
}
