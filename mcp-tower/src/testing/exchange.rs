//! One request, from its first message to its answer: rounds, questions, streams that are cut.

use super::{
    Asked, Reply, TestClient,
    answer::Arrival,
    ask::Sent,
    failure::Failure,
    http::mirrored,
    seen::Seen,
    transport::{Arrived, Arriving, Content, Outgoing},
};
use http::{HeaderMap, StatusCode};
use mcp_core::protocol::{Era, ErrorCode, Notification, RawJson};
use serde_json::{Map, Value, json};
use std::{panic::Location, time::Duration};

/// How many requests one call may take: a server that never stops asking fails a test.
const MOST_ROUNDS: usize = 32;

/// A request that a test wants to make.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) method: String,
    pub(super) params: Map<String, Value>,
    /// Headers of this request alone.
    pub(super) headers: HeaderMap,
    /// The id of its first message, and its progress token.
    pub(super) id: u64,
    pub(super) caller: &'static Location<'static>,
}

impl Prepared {
    /// The request in a few words.
    pub(super) fn what(&self) -> String {
        let name = ["name", "uri"]
            .into_iter()
            .find_map(|name| self.params.get(name)?.as_str());
        match name {
            Some(name) => format!("{} {name}", self.method),
            None => self.method.clone(),
        }
    }
}

/// A request that is being made.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a TestClient,
    pub(super) seen: &'a Seen,
    /// How long to wait for the next message.
    pub(super) patience: Option<Duration>,
    pub(super) arrival: Arrival,
    pub(super) prepared: Prepared,
}

impl Exchange<'_> {
    /// The result of the request.
    pub(super) async fn run(&mut self) -> Result<Value, Failure> {
        let mut id = self.prepared.id;
        let mut knows_headers = false;
        for _ in 0..MOST_ROUNDS {
            let message = self.client.message(&self.prepared, id).await?;
            let answer = self.converse(id, &message).await?;
            id = self.client.next_id();
            if let Some(error) = answer.get("error") {
                let failure = Failure::protocol(error, self.arrival.status);
                let mismatch = failure.code() == Some(ErrorCode::HEADER_MISMATCH);
                if mismatch && !std::mem::replace(&mut knows_headers, true) && self.mirror().await {
                    continue;
                }
                return Err(failure);
            }
            let result = &answer["result"];
            if result["resultType"] != "input_required" {
                return Ok(result.clone());
            }
            self.answer_all(result).await;
        }
        self.fail("the server goes on asking")
    }

    /// Answers the questions that have ended a round.
    async fn answer_all(&mut self, result: &Value) {
        let mut responses = Map::new();
        for (key, request) in result["inputRequests"].as_object().into_iter().flatten() {
            let answer = match self.reply(request).into_sent() {
                Sent::Result(answer) => answer,
                Sent::Error(error) => self.fail(&format!(
                    "in 2026-07-28 a client cannot answer with an error ({error}); \
                     `Reply::decline` or `Reply::cancel` can"
                )),
                Sent::Nothing => std::future::pending().await,
            };
            responses.insert(key.clone(), answer);
        }
        let params = &mut self.prepared.params;
        params.insert("inputResponses".to_owned(), Value::Object(responses));
        match result.get("requestState") {
            Some(state) => params.insert("requestState".to_owned(), state.clone()),
            None => params.remove("requestState"),
        };
    }

    /// Learns which arguments the tool wants to see in headers too, as clients do that were told
    /// of a mismatch. Tells whether there are any.
    async fn mirror(&mut self) -> bool {
        if self.prepared.method != "tools/call" {
            return false;
        }
        let tools = Box::pin(
            self.client
                .list_raw("tools/list", "tools", self.prepared.caller),
        )
        .await;
        let name = &self.prepared.params["name"];
        let tool = tools.iter().find(|tool| tool["name"] == *name);
        let (Some(tool), Some(arguments)) = (tool, self.prepared.params.get("arguments")) else {
            return false;
        };
        let headers = &mut self.prepared.headers;
        mirrored(&tool["inputSchema"], arguments, headers);
        !headers.is_empty()
    }

    /// Sends a request and reads what comes back, up to its answer.
    async fn converse(&mut self, id: u64, message: &Value) -> Result<Value, Failure> {
        let mut arrived = self.send(Outgoing::Message(message)).await?;
        let (mut last, mut events, mut resumed) = (None, 0, false);
        loop {
            let can_resume = last.is_some() && self.client.session().is_some();
            let Some(arriving) = self.next(&mut arrived).await else {
                // A server may end a stream whose call goes on.
                if can_resume && (events > 0 || !resumed) && !self.seen.is_cancelled() {
                    (arrived, events, resumed) = (self.resume(last.as_deref()).await?, 0, true);
                    continue;
                }
                return Err(self.no_answer());
            };
            events += 1;
            last = arriving.event.or(last);
            match arriving.content {
                Content::Message(message) if message.get("method").is_some() => {
                    self.take(&message).await?;
                }
                Content::Message(message) => {
                    if message.get("id").is_none_or(|answered| *answered == id) {
                        self.arrival.message = message.clone();
                        return Ok(message);
                    }
                }
                Content::Text(text) => return Err(Failure::http(self.arrival.status, &text)),
                Content::Broken(why) => return Err(Failure::silence(why, self.arrival.status)),
                Content::Nothing => {}
            }
            let is_cut = self.client.config.cut_after == Some(events);
            if is_cut && last.is_some() && self.client.session().is_some() {
                let number = arrived.number;
                drop(arrived);
                let note = format!("the connection is cut after {events} event(s)");
                self.client.transcript.note(number, &note);
                (arrived, events, resumed) = (self.resume(last.as_deref()).await?, 0, true);
            }
        }
    }

    fn no_answer(&self) -> Failure {
        let status = self.arrival.status;
        match status {
            StatusCode::OK => Failure::silence("the stream has ended without it", status),
            _ => Failure::http(status, ""),
        }
    }

    /// Goes on with a stream.
    async fn resume(&mut self, last: Option<&str>) -> Result<Arrived, Failure> {
        self.send(Outgoing::Stream { last }).await
    }

    async fn send(&mut self, what: Outgoing<'_>) -> Result<Arrived, Failure> {
        let sent = self.client.send(what, &self.prepared.headers);
        let arrived = match self.patience {
            Some(patience) => match tokio::time::timeout(patience, sent).await {
                Ok(arrived) => arrived?,
                Err(_) => self.fail(&format!("nothing came back within {patience:?}")),
            },
            None => sent.await?,
        };
        self.arrival.status = arrived.status;
        self.arrival.headers = arrived.headers.clone();
        Ok(arrived)
    }

    async fn next(&self, arrived: &mut Arrived) -> Option<Arriving> {
        let next = arrived.messages.next();
        let Some(patience) = self.patience else {
            return next.await;
        };
        match tokio::time::timeout(patience, next).await {
            Ok(arriving) => arriving,
            Err(_) => self.fail(&format!("nothing more came within {patience:?}")),
        }
    }

    /// Takes note of a notification, or answers a question.
    async fn take(&self, message: &Value) -> Result<(), Failure> {
        let Some(id) = message.get("id") else {
            if let Some(notification) = notification(message)
                && !self.seen.tell(notification)
            {
                self.fail("the server has told too much, and goes on");
            }
            return Ok(());
        };
        if self.client.config.revision.era() == Era::Modern {
            self.fail(&format!(
                "a server may send no request in 2026-07-28: {message}"
            ));
        }
        let reply = match self.reply(message).into_sent() {
            Sent::Result(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Sent::Error(error) => json!({"jsonrpc": "2.0", "id": id, "error": error}),
            Sent::Nothing => return Ok(()),
        };
        let none = HeaderMap::new();
        let taken = self.client.send(Outgoing::Message(&reply), &none).await?;
        if taken.status.is_success() {
            return Ok(());
        }
        self.fail(&format!(
            "the server has refused an answer: {}",
            taken.status
        ))
    }

    /// What the client says to a question.
    fn reply(&self, request: &Value) -> Reply {
        let asked = Asked {
            method: request["method"].as_str().unwrap_or_default().to_owned(),
            params: request["params"].clone(),
        };
        if asked.method == "ping" {
            return Reply::result(json!({}));
        }
        self.seen.ask(asked.clone());
        match self.client.config.answers.to(&asked) {
            Ok(reply) if reply == Reply::never() && self.patience.is_some() => {
                self.fail("a call whose question nobody answers has to be started: `.start()`")
            }
            Ok(reply) => reply,
            Err(why) => self.fail(&why),
        }
    }

    fn fail(&self, why: &str) -> ! {
        let what = self.prepared.what();
        self.client.fail(self.prepared.caller, &what, why)
    }
}

/// A message that is a notification.
pub(super) fn notification(message: &Value) -> Option<Notification> {
    let method = message["method"].as_str()?.to_owned();
    let params = message.get("params");
    let params = params.map_or(Ok(RawJson::EMPTY_OBJECT), RawJson::from_serialize);
    let mut notification = Notification::new(method, &json!({})).ok()?;
    notification.params = params.ok()?;
    Some(notification)
}
