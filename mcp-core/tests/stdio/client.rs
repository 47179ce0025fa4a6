//! A client that writes and reads lines.

use super::server::{Meeting, server};
use mcp_core::{Server, protocol::Revision, serve_stdio, stdio::ServeStdio};
use serde_json::{Value, json};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, duplex},
    task::JoinHandle,
};

/// Long enough for whatever happens at all.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    pub(crate) server: Server,
    pub(crate) meeting: Meeting,
    input: Option<DuplexStream>,
    output: Lines<BufReader<DuplexStream>>,
    served: JoinHandle<io::Result<()>>,
    next: i64,
}

/// The pipes are as large as those of the operating system.
const PIPE: usize = 64 * 1024;

impl Client {
    pub(crate) fn start() -> Self {
        Self::start_with(|server| server)
    }

    pub(crate) fn start_with(options: impl FnOnce(ServeStdio) -> ServeStdio) -> Self {
        let (server, meeting) = server();
        let (input, their_input) = duplex(PIPE);
        let (output, their_output) = duplex(PIPE);
        let serving = options(serve_stdio(server.clone())).over(their_input, their_output);
        Self {
            server,
            meeting,
            input: Some(input),
            output: BufReader::new(output).lines(),
            served: tokio::spawn(serving),
            next: 1,
        }
    }

    /// One whose session has begun.
    pub(crate) async fn in_session(revision: &str, capabilities: Value) -> Self {
        let mut client = Self::start();
        client.initialize(revision, capabilities).await;
        client
    }

    pub(crate) async fn initialize(&mut self, revision: &str, capabilities: Value) -> Value {
        let params = json!({
            "protocolVersion": revision,
            "capabilities": capabilities,
            "clientInfo": {"name": "test", "version": "1"},
        });
        let answer = self.ask("initialize", params).await;
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await;
        answer
    }

    pub(crate) async fn write(&mut self, text: impl AsRef<[u8]>) {
        let input = self.input.as_mut().unwrap();
        let written = tokio::time::timeout(LONG, input.write_all(text.as_ref())).await;
        written.unwrap().unwrap();
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.write(format!("{message}\n")).await;
    }

    /// Sends a request, and returns its id.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.next;
        self.next += 1;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .await;
        id.into()
    }

    /// Sends a request and reads the next message, its answer.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        let answer = self.read().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))
            .await
    }

    pub(crate) async fn cancel(&mut self, id: &Value) {
        self.send(json!({
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": {"requestId": id, "reason": "enough"},
        }))
        .await;
    }

    /// The next message.
    pub(crate) async fn read(&mut self) -> Value {
        self.read_line()
            .await
            .expect("the server has said its last")
    }

    /// The next message; none when the output has ended.
    pub(crate) async fn read_line(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(LONG, self.output.next_line()).await;
        let line = line.expect("nothing is said").unwrap()?;
        Some(serde_json::from_str(&line).unwrap())
    }

    /// Says no more.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// How the conversation ended.
    pub(crate) async fn ended(&mut self) -> io::Result<()> {
        let served = tokio::time::timeout(LONG, &mut self.served).await;
        served.expect("it does not end").unwrap()
    }

    /// Stops reading, for good.
    pub(crate) fn go_away(self) -> (Option<DuplexStream>, JoinHandle<io::Result<()>>) {
        (self.input, self.served)
    }
}

/// Parameters of a modern request.
pub(crate) fn modern(mut params: Value) -> Value {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(Revision::NEWEST_MODERN);
    let capabilities = &mut params["_meta"]["io.modelcontextprotocol/clientCapabilities"];
    if capabilities.is_null() {
        *capabilities = json!({});
    }
    params
}

pub(crate) fn text(answer: &Value) -> &str {
    let text = answer["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("{answer}"))
}
