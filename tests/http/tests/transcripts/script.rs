//! A transcript as it is in its file.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::HashMap, fs, path::Path};

/// One event of an exchange: exactly one of the members beside `stream` says which.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    /// Which request and its response, or which process, it belongs to.
    #[serde(default)]
    pub(crate) stream: u64,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum What {
    /// From here on, it is another scenario.
    Scenario(String),
    /// The client sent this over HTTP.
    Request(Request),
    /// The server answered with this…
    Head(Head),
    /// …and this body, which was no stream,
    Body(Value),
    /// or with this event of one.
    Event(Event),
    /// Over HTTP+SSE, the server said where messages go: path and query.
    Endpoint(String),
    /// The client started the server.
    Spawn(()),
    /// The client wrote this line.
    Send(Value),
    /// The server wrote this line.
    Receive(Value),
    /// Who ended it.
    End(End),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Where it is not the endpoint's.
    pub(crate) path: Option<String>,
    pub(crate) headers: Map<String, Value>,
    pub(crate) body: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// An empty string where there is none.
    pub(crate) data: Value,
    pub(crate) id: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    Client,
    Server,
}

/// Lines with their numbers in the file.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) lines: Vec<(usize, Line)>,
}

impl Scenario {
    /// Over HTTP+SSE a client may end its stream while its last message is on its way; whether the
    /// session is still there then is anybody's guess. Here it ends when that was accepted.
    fn leave_when_answered(&mut self) {
        let mut at = 0;
        while at < self.lines.len() {
            if matches!(self.lines[at].1.what, What::End(End::Client)) {
                let sent = |line: &Line| {
                    self.lines[..at].iter().any(|(_, before)| {
                        before.stream == line.stream && matches!(before.what, What::Request(_))
                    })
                };
                let is_head = |line: &Line| matches!(line.what, What::Head(_)) && sent(line);
                let last = self.lines[at..].iter().rposition(|(_, line)| is_head(line));
                if let Some(last) = last {
                    self.lines[at..=at + last].rotate_left(1);
                    continue;
                }
            }
            at += 1;
        }
    }
}

/// A whole file.
#[derive(Debug)]
pub(crate) struct Script {
    /// Client, revision, transport.
    pub(crate) name: String,
    pub(crate) transport: String,
    pub(crate) scenarios: Vec<Scenario>,
}

impl Script {
    pub(crate) fn read(path: &Path) -> Self {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut scenarios: Vec<Scenario> = Vec::new();
        for (number, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
            let line: Line = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{name}, line {}: {error}", number + 1));
            if let What::Scenario(name) = line.what {
                scenarios.push(Scenario {
                    name,
                    lines: Vec::new(),
                });
            } else {
                scenarios.last_mut().unwrap().lines.push((number + 1, line));
            }
        }
        let transport = name.rsplit('-').next().unwrap().to_owned();
        if transport == "sse" {
            for scenario in &mut scenarios {
                scenario.leave_when_answered();
            }
        }
        Self {
            name,
            transport,
            scenarios,
        }
    }
}

/// What a transcript calls what the server makes up anew each time.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, Value>);

/// A result that was long, and spelled out earlier in the transcript.
const SEEN: &str = "{{seen}}";

fn is_name(text: &str) -> bool {
    text.starts_with("{{") && text.ends_with("}}")
}

impl Names {
    /// What is to be said, with what the names stand for by now.
    pub(crate) fn put_in(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if is_name(text) => self.0.get(text).unwrap_or(value).clone(),
            Value::Array(items) => items.iter().map(|item| self.put_in(item)).collect(),
            Value::Object(members) => {
                let members = members.iter();
                members
                    .map(|(key, item)| (key.clone(), self.put_in(item)))
                    .collect()
            }
            other => other.clone(),
        }
    }

    /// The first difference, with its place. A name stands for whatever is found where it is first
    /// seen.
    pub(crate) fn compare(
        &mut self,
        expected: &Value,
        found: &Value,
        at: &str,
    ) -> Result<(), String> {
        match (expected, found) {
            (Value::String(text), _) if text == SEEN => Ok(()),
            (Value::String(text), _) if is_name(text) => {
                let known = self.0.entry(text.clone()).or_insert_with(|| found.clone());
                differ(known, found, at)
            }
            (Value::Array(expected), Value::Array(found)) => {
                if expected.len() != found.len() {
                    return Err(format!(
                        "{at}: has {} items, not {}",
                        found.len(),
                        expected.len()
                    ));
                }
                let mut pairs = expected.iter().zip(found).enumerate();
                pairs.try_for_each(|(index, (expected, found))| {
                    self.compare(expected, found, &format!("{at}[{index}]"))
                })
            }
            (Value::Object(expected), Value::Object(found)) => {
                for (key, expected) in expected {
                    let found = found
                        .get(key)
                        .ok_or_else(|| format!("{at}.{key}: is missing"))?;
                    self.compare(expected, found, &format!("{at}.{key}"))?;
                }
                let new = found.iter().find(|(key, _)| !expected.contains_key(*key));
                new.map_or(Ok(()), |(key, value)| {
                    Err(format!("{at}.{key}: {value} is new"))
                })
            }
            _ => differ(expected, found, at),
        }
    }
}

fn differ(expected: &Value, found: &Value, at: &str) -> Result<(), String> {
    // What has been through JavaScript says 0 for 0.0.
    let numbers = expected.as_f64().zip(found.as_f64());
    if expected == found || numbers.is_some_and(|(expected, found)| expected == found) {
        return Ok(());
    }
    Err(format!("{at}: {found} is not {expected}"))
}
