//! Sealed and digested values that come back: ids of sessions, states of calls, cursors of lists. Only
//! what was given to a caller is taken from it.
#![no_main]

use arbitrary::Arbitrary;
use fuzz_targets::{Ask, Fresh, Sandbox, service};
use libfuzzer_sys::fuzz_target;
use mcp_tower::KeyRing;
use serde_json::{Value, json};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    kind: Kind,
    bob: bool,
    of_bob: bool,
    /// Which of those that were given out, if one was.
    known: Option<u8>,
    text: &'a [u8],
    edits: Vec<(u16, u8)>,
    cut: u8,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
    Session,
    State,
    Cursor,
}

const NAMES: [&str; 2] = ["ada", "bob"];

struct World {
    sandbox: Sandbox,
    given: [Given; 2],
}

/// What a caller was given.
struct Given {
    sessions: Vec<String>,
    states: Vec<String>,
    cursors: Vec<String>,
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
        let given = NAMES.map(|name| sandbox.run(Given::new(&sandbox, name)));
        Self { sandbox, given }
    }

    fn run(&self, input: &Input<'_>) {
        let token = self.token(input);
        let at = usize::from(input.bob);
        let is_given = self.given[at]
            .of(input.kind)
            .iter()
            .any(|given| given.as_bytes() == token);
        let Some(ask) = ask(input.kind, &token) else {
            return;
        };
        let ask = ask.by(NAMES[at]);
        let Some(answer) = self.sandbox.run(self.sandbox.ask(&ask)) else {
            return;
        };
        assert_eq!(answer.is_good(), is_given, "{ask:?} {answer:?}");
        if let (Kind::Session, false) = (input.kind, is_given) {
            assert_eq!(answer.status, 404);
        }
        if let Ok(text) = str::from_utf8(&token) {
            // Nothing was sealed for this.
            let keys = KeyRing::new([7; 32]);
            assert!(keys.open("other", b"", text).is_none());
        }
        assert!(self.sandbox.governor.snapshot().is_idle());
    }

    fn token(&self, input: &Input<'_>) -> Vec<u8> {
        let given = self.given[usize::from(input.of_bob)].of(input.kind);
        let mut token = match input.known {
            Some(at) => given[usize::from(at) % given.len()].as_bytes().to_vec(),
            None => Vec::new(),
        };
        for (at, bits) in &input.edits {
            let length = token.len().max(1);
            if let Some(byte) = token.get_mut(usize::from(*at) % length) {
                *byte ^= bits;
            }
        }
        token.truncate(token.len().saturating_sub(input.cut.into()));
        token.extend_from_slice(input.text);
        token
    }
}

/// Uses a token; `None` where JSON could not hold it.
fn ask(kind: Kind, token: &[u8]) -> Option<Ask<'static>> {
    Some(match kind {
        // Blanks around a value are no part of it, and do not arrive.
        Kind::Session if token.trim_ascii() != token => return None,
        Kind::Session => Ask::legacy(1, "tools/list", json!({})).add("mcp-session-id", token),
        Kind::State => {
            let answer = json!({"action": "accept", "content": {"name": "x"}});
            Ask::modern(
                "tools/call",
                json!({
                    "name": "ask",
                    "arguments": {},
                    "requestState": str::from_utf8(token).ok()?,
                    "inputResponses": {"name": answer},
                }),
            )
        }
        Kind::Cursor => {
            let cursor = str::from_utf8(token).ok()?;
            Ask::modern("tools/list", json!({"cursor": cursor}))
        }
    })
}

impl Given {
    async fn new(sandbox: &Sandbox, name: &str) -> Self {
        let good = async |ask: Ask<'_>| {
            let answer = sandbox.ask(&ask.by(name)).await.expect("a request");
            assert!(answer.is_good(), "{answer:?}");
            answer
        };
        let mut given = Self {
            sessions: Vec::new(),
            states: Vec::new(),
            cursors: Vec::new(),
        };
        for revision in ["2025-11-25", "2025-03-26"] {
            let opened = good(Ask::initialize(revision)).await;
            let session = opened.headers["mcp-session-id"].to_str().expect("an id");
            given.sessions.push(session.to_owned());
            let call = json!({"name": "ask", "arguments": {}});
            let asked = good(Ask::modern("tools/call", call)).await.message();
            given.states.push(text(&asked["result"]["requestState"]));
        }
        let mut page = good(Ask::modern("tools/list", json!({}))).await.message();
        while page["result"]["nextCursor"].is_string() {
            let cursor = text(&page["result"]["nextCursor"]);
            page = good(Ask::modern("tools/list", json!({"cursor": cursor})))
                .await
                .message();
            given.cursors.push(cursor);
        }
        assert_eq!(given.cursors.len(), 2);
        given
    }

    fn of(&self, kind: Kind) -> &[String] {
        match kind {
            Kind::Session => &self.sessions,
            Kind::State => &self.states,
            Kind::Cursor => &self.cursors,
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
