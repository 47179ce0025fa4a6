//! The same handler, two questions and one side effect: through a session, and through rounds that
//! each reach another process.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Lines, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A server process, ended with the test.
struct Bank {
    process: Child,
    address: String,
}

impl Bank {
    fn start(ledger: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_bank"))
            .arg(ledger)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut address).unwrap();
        Self {
            process,
            address: address.trim().to_owned(),
        }
    }

    /// Sends a request; the lines of the response come as the server sends them.
    fn post(&self, headers: &[(&str, &str)], body: &Value) -> Lines<BufReader<TcpStream>> {
        let body = body.to_string();
        let mut request = format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{request}\r\n{body}").unwrap();
        BufReader::new(stream).lines()
    }

    /// One round of the stateless era.
    fn round(&self, more: &Value) -> Value {
        let mut params = json!({
            "name": "transfer",
            "arguments": {"amount": 7, "to": "Ada"},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
            },
        });
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        let headers = [
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", "tools/call"),
            ("mcp-name", "transfer"),
        ];
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let body = self
            .post(&headers, &body)
            .map(Result::unwrap)
            .find(|line| line.starts_with('{'));
        serde_json::from_str::<Value>(&body.unwrap()).unwrap()["result"].take()
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn ledger(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

fn holds(ledger: &Path) -> usize {
    fs::read_to_string(ledger).unwrap().lines().count()
}

fn accept(content: &Value) -> Value {
    json!({"action": "accept", "content": content})
}

const SENT: &str = "sent 7 to Ada for tea: true";

#[test]
fn rounds_may_reach_any_process() {
    let ledger = ledger("rounds");
    let (one, two) = (Bank::start(&ledger), Bank::start(&ledger));
    let first = one.round(&json!({}));
    assert_eq!(first["resultType"], "input_required");
    assert_eq!(
        first["inputRequests"]["confirm"]["method"],
        "elicitation/create"
    );
    let second = two.round(&json!({
        "requestState": first["requestState"],
        "inputResponses": {"confirm": accept(&json!({"ok": true}))},
    }));
    assert!(second["inputRequests"]["reason"].is_object(), "{second}");
    let last = one.round(&json!({
        "requestState": second["requestState"],
        "inputResponses": {"reason": accept(&json!({"reason": "tea"}))},
    }));
    assert_eq!(last["content"][0]["text"], SENT);
    assert_eq!(holds(&ledger), 1);
}

#[test]
fn a_session_asks_on_the_stream_of_the_call() {
    let ledger = ledger("session");
    let bank = Bank::start(&ledger);
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {"elicitation": {}},
        "clientInfo": {"name": "test", "version": "1"},
    }});
    let mut lines = bank.post(&[], &initialize).map(Result::unwrap);
    let session = lines.find_map(|line| line.strip_prefix("mcp-session-id: ").map(str::to_owned));
    let session = session.unwrap();
    let headers = [("mcp-session-id", session.as_str())];
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "transfer",
        "arguments": {"amount": 7, "to": "Ada"},
    }});
    let mut result = Value::Null;
    for line in bank.post(&headers, &call).map(Result::unwrap) {
        let data = line.strip_prefix("data: ");
        let Some(data) = data.filter(|data| !data.is_empty()) else {
            continue;
        };
        let message: Value = serde_json::from_str(data).unwrap();
        let content = match message["params"]["message"].as_str() {
            Some("Send 7 to Ada?") => json!({"ok": true}),
            Some("What for?") => json!({"reason": "tea"}),
            _ => {
                result = message["result"].clone();
                continue;
            }
        };
        let answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": accept(&content)});
        let status = bank.post(&headers, &answer).next().unwrap().unwrap();
        assert!(status.contains("202"), "{status}");
    }
    assert_eq!(result["content"][0]["text"], SENT);
    assert_eq!(holds(&ledger), 1);
}
