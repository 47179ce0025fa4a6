//! Prepared requests, and what their answers must say.

use crate::{Outcome, answer::Answer};
use memchr::memmem;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{io::Write, ops::Range};

const MODERN: &str = "2026-07-28";
const LEGACY: &str = "2025-11-25";
/// How many digits an id has, so that the next one fits in place of the last.
const DIGITS: usize = 10;
const FIRST_ID: u64 = 1_000_000_000;

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// `tools/call`: `add(1, 2)`.
    Call,
    /// `tools/list`.
    List,
    /// `tools/call` with 64 KiB of text, which come back.
    Echo,
    /// `tools/call` that reports progress ten times.
    Progress,
    Initialize,
    /// A notification, answered with 202.
    Initialized,
    /// `logging/setLevel`: what a session keeps a row for.
    SetLevel,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Era {
    #[default]
    Modern,
    Session,
}

/// A request as bytes, whose id changes each time.
pub(crate) struct Prepared {
    kind: Kind,
    bytes: Vec<u8>,
    id: Option<Range<usize>>,
    next: u64,
    /// Text that the answer must contain.
    expected: Vec<u8>,
    tools: usize,
    check_id: bool,
}

impl Prepared {
    pub(crate) fn new(kind: Kind, era: Era, session: Option<&str>) -> Self {
        let (method, params, name) = message(kind);
        let modern = era == Era::Modern && !matches!(kind, Kind::Initialize | Kind::Initialized);
        let mut body = json!({"jsonrpc": "2.0", "method": method, "params": params});
        if kind != Kind::Initialized {
            body["id"] = json!(FIRST_ID);
        }
        if modern {
            let meta = &mut body["params"]["_meta"];
            meta["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
            meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
            meta["io.modelcontextprotocol/clientInfo"] = json!({"name": "load", "version": "1.0"});
        }
        let body = body.to_string();
        let mut head = String::from(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\n",
        );
        if kind != Kind::Initialize {
            let version = if modern { MODERN } else { LEGACY };
            head += &format!("mcp-protocol-version: {version}\r\n");
        }
        if modern {
            head += &format!("mcp-method: {method}\r\n");
            head += &name.map_or(String::new(), |name| format!("mcp-name: {name}\r\n"));
        }
        head += &session.map_or(String::new(), |id| format!("mcp-session-id: {id}\r\n"));
        let bytes = format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes();
        let id = memmem::find(&bytes, FIRST_ID.to_string().as_bytes());
        Self {
            kind,
            bytes,
            id: id.map(|at| at..at + DIGITS),
            next: FIRST_ID,
            expected: expected(kind).into_bytes(),
            tools: 0,
            check_id: true,
        }
    }

    /// How many tools a list must have, and whether answers carry their request's id: those of
    /// the floor of constant bytes do not.
    #[must_use]
    pub(crate) fn checked(mut self, tools: usize, check_id: bool) -> Self {
        self.tools = tools;
        self.check_id = check_id;
        self
    }

    /// The bytes with the next id.
    pub(crate) fn next(&mut self) -> &[u8] {
        if let Some(id) = self.id.clone() {
            self.next += 1;
            // Ten digits for ten digits: the id cannot outgrow its place.
            let _ = write!(&mut self.bytes[id], "{}", self.next);
        }
        &self.bytes
    }

    /// Is this the answer, the whole of it?
    pub(crate) fn check(&self, answer: &Answer<'_>) -> Outcome<()> {
        let body = answer.body;
        let expected_status = if self.kind == Kind::Initialized {
            202
        } else {
            200
        };
        let id = self.id.clone().filter(|_| self.check_id);
        let good = answer.status == expected_status
            && id.is_none_or(|id| memmem::find(body, &self.bytes[id]).is_some())
            && memmem::find(body, &self.expected).is_some()
            && match self.kind {
                Kind::List => memmem::find_iter(body, "\"inputSchema\"").count() == self.tools,
                Kind::Progress => {
                    memmem::find_iter(body, "\"notifications/progress\"").count() == 10
                }
                _ => true,
            };
        if good {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&body[..body.len().min(2000)]);
        let (kind, status) = (self.kind, answer.status);
        Err(format!("not the answer to {kind:?}: status {status}, {text}").into())
    }
}

/// Opens the stream of a session.
pub(crate) fn get(session: &str) -> Vec<u8> {
    format!(
        "GET /mcp HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\
         mcp-protocol-version: {LEGACY}\r\nmcp-session-id: {session}\r\n\r\n"
    )
    .into_bytes()
}

fn long_text() -> String {
    "The quick brown fox jumps over the lazy dog, again and again...."
        .chars()
        .cycle()
        .take(64 * 1024)
        .collect()
}

fn message(kind: Kind) -> (&'static str, Value, Option<&'static str>) {
    let call = |name: &'static str, arguments: Value| {
        let params = json!({"name": name, "arguments": arguments});
        ("tools/call", params, Some(name))
    };
    match kind {
        Kind::Call => call("add", json!({"a": 1, "b": 2})),
        Kind::Echo => call("echo", json!({"text": long_text()})),
        Kind::Progress => {
            let (method, mut params, name) = call("progress", json!({}));
            params["_meta"] = json!({"progressToken": "token"});
            (method, params, name)
        }
        Kind::List => ("tools/list", json!({}), None),
        Kind::Initialize => {
            let client = json!({"name": "load", "version": "1.0"});
            let params =
                json!({"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client});
            ("initialize", params, None)
        }
        Kind::Initialized => ("notifications/initialized", json!({}), None),
        Kind::SetLevel => ("logging/setLevel", json!({"level": "warning"}), None),
    }
}

fn expected(kind: Kind) -> String {
    match kind {
        Kind::Call => "\"text\":\"3\"".to_owned(),
        Kind::Echo => format!("\"text\":\"{}\"", long_text()),
        Kind::Progress => "\"text\":\"done\"".to_owned(),
        Kind::List => "\"tools\":[".to_owned(),
        Kind::Initialize => format!("\"protocolVersion\":\"{LEGACY}\""),
        Kind::Initialized => String::new(),
        Kind::SetLevel => "\"result\":{".to_owned(),
    }
}
