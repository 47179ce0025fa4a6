//! Standard input and output: each process is a conversation over a pipe.

use crate::{
    Play,
    script::{Line, Names, What},
};
use mcp_tower::{Server, serve_stdio};
use serde_json::Value;
use std::collections::HashMap;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, duplex, split},
    io::{ReadHalf, WriteHalf},
    task::JoinHandle,
};

/// A server, and the conversations with it that are not over.
pub(crate) struct Pipes {
    server: Server,
    open: HashMap<u64, Pipe>,
}

struct Pipe {
    input: WriteHalf<DuplexStream>,
    output: Lines<BufReader<ReadHalf<DuplexStream>>>,
    /// What has come before it was waited for.
    early: Vec<Value>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Pipes {
    pub(crate) fn new(server: Server) -> Self {
        Self {
            server,
            open: HashMap::new(),
        }
    }
}

impl Play for Pipes {
    async fn line(&mut self, line: &Line, names: &mut Names) -> Result<(), String> {
        if let What::Spawn(()) = line.what {
            self.open
                .insert(line.stream, Pipe::start(self.server.clone()));
            return Ok(());
        }
        let pipe = self
            .open
            .get_mut(&line.stream)
            .ok_or("its process does not run")?;
        match &line.what {
            What::Send(message) => {
                let text = format!("{}\n", names.put_in(message));
                let written = pipe.input.write_all(text.as_bytes()).await;
                written.map_err(|error| error.to_string())
            }
            What::Receive(expected) => {
                let found = pipe.message(expected).await?;
                names.compare(expected, &found, "line")
            }
            What::End(_) => self.open.remove(&line.stream).unwrap().end().await,
            other => Err(format!("{other:?} is not of stdio")),
        }
    }
}

impl Pipe {
    fn start(server: Server) -> Self {
        let (client, server_end) = duplex(64 * 1024);
        let (read, write) = split(server_end);
        let (output, input) = split(client);
        Self {
            input,
            output: BufReader::new(output).lines(),
            early: Vec::new(),
            served: tokio::spawn(serve_stdio(server).over(read, write)),
        }
    }

    /// The next answer to the same request, or the next message with the same method: those of
    /// several calls may come in any order.
    async fn message(&mut self, expected: &Value) -> Result<Value, String> {
        let same = |found: &Value| {
            let asked = expected.get("method");
            asked == found.get("method") && (asked.is_some() || expected["id"] == found["id"])
        };
        loop {
            if let Some(at) = self.early.iter().position(same) {
                return Ok(self.early.remove(at));
            }
            let line = self
                .output
                .next_line()
                .await
                .map_err(|error| error.to_string())?;
            let line = line.ok_or("the server says no more")?;
            self.early
                .push(serde_json::from_str(&line).map_err(|error| error.to_string())?);
        }
    }

    /// The client says no more; the server answers nothing else, and ends.
    async fn end(mut self) -> Result<(), String> {
        self.input
            .shutdown()
            .await
            .map_err(|error| error.to_string())?;
        while let Ok(Some(line)) = self.output.next_line().await {
            self.early
                .push(serde_json::from_str(&line).map_err(|error| error.to_string())?);
        }
        let ended = self.served.await.map_err(|error| error.to_string())?;
        ended.map_err(|error| error.to_string())?;
        let answers = self
            .early
            .iter()
            .filter(|message| message.get("method").is_none());
        let answers: Vec<_> = answers.map(Value::to_string).collect();
        if answers.is_empty() {
            Ok(())
        } else {
            Err(format!("{} are new", answers.join(", ")))
        }
    }
}
