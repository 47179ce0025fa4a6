//! A process and its pipes.
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use serde_json::{Value, json};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

const LONG: Duration = Duration::from_secs(30);

struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_everything"))
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        Self {
            input: child.stdin.take(),
            output: BufReader::new(output).lines(),
            child,
        }
    }

    async fn send(&mut self, message: Value) {
        let line = format!("{message}\n");
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).await.unwrap();
    }

    async fn read(&mut self) -> Option<Value> {
        let line = timeout(LONG, self.output.next_line()).await.unwrap();
        Some(serde_json::from_str(&line.unwrap()?).unwrap())
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.send(json!({"jsonrpc": "2.0", "id": method, "method": method, "params": params}))
            .await;
        let answer = self.read().await.unwrap();
        assert_eq!(answer["id"], method, "{answer}");
        answer
    }

    async fn in_session() -> Self {
        let mut program = Self::start();
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        });
        program.ask("initialize", params).await;
        program
            .send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await;
        program
    }

    /// Waits until it exits, and tells what it has written to standard error.
    async fn exit(mut self) -> String {
        let mut log = String::new();
        let errors = self.child.stderr.as_mut().unwrap();
        timeout(LONG, errors.read_to_string(&mut log))
            .await
            .unwrap()
            .unwrap();
        let status = timeout(LONG, self.child.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{status} {log}");
        log
    }
}

fn modern(mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params
}

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap()
}

#[tokio::test]
async fn a_process_serves_both_eras_and_exits_with_its_input() {
    let mut program = Program::in_session().await;
    let add = json!({"name": "add", "arguments": {"a": 2, "b": 3}});
    assert_eq!(text(&program.ask("tools/call", add.clone()).await), "5");
    let answer = program.ask("tools/call", modern(add)).await;
    assert_eq!(answer["result"]["resultType"], "complete");
    program.input = None;
    assert_eq!(program.read().await, None);
    program.exit().await;
}

#[tokio::test]
async fn nothing_but_messages_is_on_standard_output() {
    let mut program = Program::in_session().await;
    let stray = json!({"name": "test_stray_output"});
    for _ in 0..3 {
        let answer = program.ask("tools/call", stray.clone()).await;
        assert_eq!(text(&answer), "printed");
    }
    program.input = None;
    assert_eq!(program.read().await, None);
    let log = program.exit().await;
    assert_eq!(log.matches("a stray line\n").count(), 3, "{log}");
    assert_eq!(log.matches("a line of a child\n").count(), 3, "{log}");
}

#[tokio::test]
async fn a_call_that_waits_does_not_hold_up_the_exit() {
    let mut program = Program::in_session().await;
    let wait = json!({"name": "test_wait_for_cancellation", "arguments": {"key": "k"}, "_meta": {"progressToken": 1}});
    program
        .send(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": wait}))
        .await;
    assert_eq!(
        program.read().await.unwrap()["method"],
        "notifications/progress"
    );
    program.input = None;
    assert_eq!(program.read().await, None);
    program.exit().await;
}

/// Reading standard input cannot be cancelled; the process exits all the same.
#[tokio::test]
async fn a_signal_ends_it_while_its_input_is_open() {
    let mut program = Program::in_session().await;
    program.ask("ping", json!({})).await;
    let id = program.child.id().unwrap().to_string();
    let killed = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .await
        .unwrap();
    assert!(killed.success());
    assert_eq!(program.read().await, None);
    let input = program.input.take();
    program.exit().await;
    drop(input);
}
