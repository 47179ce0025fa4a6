//! What real clients have said, said again: the server answers them as it did then.
//!
//! The transcripts are in `tests/transcripts`, where the README has their form and how to record
//! them anew.

mod http;
mod script;
mod stdio;

use script::{Names, Script};
use std::{fs, path::PathBuf, time::Duration};
use tokio::{task::JoinSet, time::timeout};

/// For one line of a transcript; only a server that says nothing comes near it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whoever plays the client's part over one transport.
trait Play {
    /// Does what the client did at this line, or waits for what the server said.
    async fn line(&mut self, line: &script::Line, names: &mut Names) -> Result<(), String>;
}

async fn play(mut player: impl Play, scenario: &script::Scenario) -> Result<(), String> {
    let mut names = Names::default();
    for (number, line) in &scenario.lines {
        let outcome = timeout(PATIENCE, player.line(line, &mut names)).await;
        let outcome = outcome.unwrap_or_else(|_| Err("nothing came".to_owned()));
        outcome.map_err(|fault| format!("line {number}: {fault}"))?;
    }
    Ok(())
}

/// Replays one transcript, each scenario against a server of its own; returns how many there were.
async fn replay(path: PathBuf) -> Result<usize, Vec<String>> {
    let script = Script::read(&path);
    let mut faults = Vec::new();
    for scenario in &script.scenarios {
        let server = everything::server().build();
        let outcome = match &*script.transport {
            "stdio" => play(stdio::Pipes::new(server), scenario).await,
            "sse" => play(http::Connections::sse(server).await, scenario).await,
            _ => play(http::Connections::streamable(server).await, scenario).await,
        };
        if let Err(fault) = outcome {
            faults.push(format!("{}, {}, {fault}", script.name, scenario.name));
        }
    }
    let count = script.scenarios.len();
    if faults.is_empty() {
        Ok(count)
    } else {
        Err(faults)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_as_it_did_when_the_clients_were_recorded() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../transcripts"));
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut all: JoinSet<_> = files
        .filter(|path| path.extension().is_some_and(|kind| kind == "jsonl"))
        .map(replay)
        .collect();
    let (mut transcripts, mut scenarios, mut faults) = (0, 0, Vec::new());
    while let Some(outcome) = all.join_next().await {
        transcripts += 1;
        match outcome.unwrap() {
            Ok(count) => scenarios += count,
            Err(found) => faults.extend(found),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(
        transcripts >= 22 && scenarios >= 19 * transcripts,
        "{scenarios} in {transcripts}"
    );
}

#[test]
fn what_differs_is_found() {
    use serde_json::json;
    let compare = |expected, found| Names::default().compare(&expected, &found, "it");
    assert_eq!(
        compare(json!({"a": ["{{x}}", "{{x}}"]}), json!({"a": [1, 1]})),
        Ok(())
    );
    for (expected, found, fault) in [
        (json!({"a": 1}), json!({"a": 2}), "it.a: 2 is not 1"),
        (json!({"a": 1}), json!({}), "it.a: is missing"),
        (json!({}), json!({"a": 1}), "it.a: 1 is new"),
        (json!([1]), json!([1, 2]), "it: has 2 items, not 1"),
        (
            json!(["{{x}}", "{{x}}"]),
            json!(["a", "b"]),
            "it[1]: \"b\" is not \"a\"",
        ),
    ] {
        assert_eq!(compare(expected, found), Err(fault.to_owned()));
    }
}
