//! Two sessions with the same request ids in flight: progress, messages, questions, answers, results and
//! cancellation of one never reach the other, in whatever order things happen.

#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use mcp_tower::{
    Context, LogLevel, McpService, Server, ToolError, mcp_tool,
    protocol::Revision,
    testing::{Reply, TestClient},
};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

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

struct Party {
    client: TestClient,
    name: &'static str,
    /// Whether the next question finds nobody.
    is_away: Arc<AtomicBool>,
}

impl Party {
    fn new(service: &McpService, name: &'static str) -> Self {
        let is_away = Arc::new(AtomicBool::new(false));
        let away = is_away.clone();
        let client = TestClient::over(service.clone()).revision(Revision::V2025_11_25);
        let client = client.on_elicitation(move |asked| {
            assert!(asked.message().contains(name), "{asked:?}");
            match away.load(Ordering::Relaxed) {
                true => Reply::never(),
                false => Reply::accept(json!({"name": name})),
            }
        });
        Self {
            client,
            name,
            is_away,
        }
    }

    /// Makes one call and answers its question, or cancels it there; gives the result's text, if
    /// there is one.
    async fn call(&self, yields: &[u8], cancel: bool) -> Option<String> {
        self.is_away.store(cancel, Ordering::Relaxed);
        let arguments = json!({"expected": self.name, "yields": yields});
        let mut running = self.client.call_tool("greet", arguments).start();
        if cancel {
            running.question().await;
            let result = running.cancel().await;
            return result.map(|result| format!("{result:?}"));
        }
        let answer = running.answer().await;
        assert_eq!(answer.progress().len(), yields.len());
        for step in answer.progress() {
            assert_eq!(step.message.as_deref(), Some(self.name));
            assert_eq!(json!(step.progress_token), answer.message()["id"]);
        }
        assert_eq!(answer.logs().len(), yields.len());
        for message in answer.logs() {
            assert_eq!(message.data.parse::<String>().unwrap(), self.name);
        }
        Some(answer.text())
    }
}

#[tokio::test]
async fn nothing_crosses_between_sessions() {
    let server = Server::builder("greeter", "1").tool(greet).build();
    let service = McpService::new(server);
    // Both count their requests from one.
    let ada = Party::new(&service, "ada");
    let bob = Party::new(&service, "bob");
    let mut orders = Orders(7);
    for _ in 0..400 {
        let yields = |orders: &mut Orders| -> Vec<u8> {
            let length = orders.next(4);
            (0..length).map(|_| orders.next(6)).collect()
        };
        let (a, b) = (yields(&mut orders), yields(&mut orders));
        let (cancel_ada, cancel_bob) = (orders.next(4) == 0, orders.next(4) == 0);
        let (first, second) = tokio::join!(ada.call(&a, cancel_ada), bob.call(&b, cancel_bob));
        assert_eq!(first, (!cancel_ada).then(|| "ada = ada".to_owned()));
        assert_eq!(second, (!cancel_bob).then(|| "bob = bob".to_owned()));
    }
}
