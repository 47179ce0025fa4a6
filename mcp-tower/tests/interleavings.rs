//! Two sessions with the same request ids in flight: progress, messages, questions, answers, results and
//! cancellation of one never reach the other, in whatever order things happen.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use mcp_tower::{Body, Context, LogLevel, McpService, Server, ToolError, mcp_tool};
use serde_json::{Value, json};
use tower::ServiceExt;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Name {
    name: String,
}

/// Reports progress, asks for a name, and checks that everything is its own caller's.
#[mcp_tool]
async fn greet(expected: String, yields: Vec<u8>, cx: Context) -> Result<String, ToolError> {
    for (done, count) in yields.iter().enumerate() {
        cx.progress(done as f64).message(expected.clone()).await;
        cx.log(LogLevel::Error, &expected).await;
        wait(*count).await;
    }
    let asked = format!("Who are you, {expected}?");
    let answer: Name = cx.elicit("name", asked).await?;
    wait(yields.first().copied().unwrap_or_default()).await;
    Ok(format!("{} = {expected}", answer.name))
}

async fn wait(count: u8) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

/// A small generator with a fixed seed: every run tries the same orders.
struct Orders(u64);

impl Orders {
    fn next(&mut self, below: u8) -> u8 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        u8::try_from((self.0 >> 33) % u64::from(below)).unwrap()
    }
}

struct Client {
    service: McpService,
    name: &'static str,
    session: String,
}

impl Client {
    async fn connect(service: &McpService, name: &'static str) -> Self {
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {"elicitation": {}},
            "clientInfo": {"name": name, "version": "1"},
        }});
        let mut client = Self {
            service: service.clone(),
            name,
            session: String::new(),
        };
        let response = client.post(&body).await;
        client.session = response.headers()["mcp-session-id"]
            .to_str()
            .unwrap()
            .to_owned();
        client
    }

    async fn post(&self, body: &Value) -> Response<Body> {
        let mut request = Request::post("/mcp")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json");
        if !self.session.is_empty() {
            request = request.header("mcp-session-id", &self.session);
        }
        let request = request
            .body(Full::new(Bytes::from(body.to_string())))
            .unwrap();
        self.service.clone().oneshot(request).await.unwrap()
    }

    /// Makes one call and answers its question; returns the result's text, if there is one.
    async fn call(&self, id: u64, yields: &[u8], cancel: bool) -> Option<String> {
        let response = self
            .post(
                &json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
                    "name": "greet",
                    "arguments": {"expected": self.name, "yields": yields},
                    "_meta": {"progressToken": id},
                }}),
            )
            .await;
        let mut body = response.into_body();
        let mut text = String::new();
        let mut result = None;
        while let Some(frame) = body.frame().await {
            let data = frame.unwrap().into_data().unwrap();
            text.push_str(std::str::from_utf8(&data).unwrap());
            while let Some((event, rest)) = text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let data = data.unwrap().to_owned();
                text = rest.to_owned();
                if data.is_empty() {
                    continue;
                }
                let message = serde_json::from_str(&data).unwrap();
                self.receive(&message, id, cancel, &mut result).await;
            }
        }
        result
    }

    async fn receive(&self, message: &Value, id: u64, cancel: bool, result: &mut Option<String>) {
        match message["method"].as_str() {
            Some("notifications/progress") => {
                assert_eq!(message["params"]["message"], self.name);
                assert_eq!(message["params"]["progressToken"], id);
            }
            Some("notifications/message") => assert_eq!(message["params"]["data"], self.name),
            Some("elicitation/create") if cancel => {
                let params = json!({"requestId": id});
                let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params});
                assert_eq!(self.post(&cancelled).await.status(), 202);
            }
            Some("elicitation/create") => {
                let asked = message["params"]["message"].as_str().unwrap();
                assert!(asked.contains(self.name), "{asked}");
                let answer = json!({"action": "accept", "content": {"name": self.name}});
                let answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": answer});
                assert_eq!(self.post(&answer).await.status(), 202);
            }
            Some(other) => panic!("{other}"),
            None => {
                assert_eq!(message["id"], id);
                *result = message["result"]["content"][0]["text"]
                    .as_str()
                    .map(str::to_owned);
            }
        }
    }
}

#[tokio::test]
async fn nothing_crosses_between_sessions() {
    let server = Server::builder("greeter", "1").tool(greet).build();
    let service = McpService::new(server);
    let ada = Client::connect(&service, "ada").await;
    let bob = Client::connect(&service, "bob").await;
    let mut orders = Orders(7);
    for round in 1..=400 {
        let yields = |orders: &mut Orders| -> Vec<u8> {
            let length = orders.next(4);
            (0..length).map(|_| orders.next(6)).collect()
        };
        let (a, b) = (yields(&mut orders), yields(&mut orders));
        let (cancel_ada, cancel_bob) = (orders.next(4) == 0, orders.next(4) == 0);
        let (first, second) = tokio::join!(
            ada.call(round, &a, cancel_ada),
            bob.call(round, &b, cancel_bob)
        );
        assert_eq!(first, (!cancel_ada).then(|| "ada = ada".to_owned()));
        assert_eq!(second, (!cancel_bob).then(|| "bob = bob".to_owned()));
    }
}
