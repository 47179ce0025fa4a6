use super::*;
use crate::{
    Context, Elicited, Mount, Principal, Request, Server, ToolError,
    call::{CallEvent, RunningCall},
    protocol::{ContentBlock, Revision},
    request::from_json,
    response::{Payload, Response},
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Name {
    name: String,
}

/// How often money was held: of one test, since others hold money too.
type Held = Arc<AtomicUsize>;

async fn transfer(cx: Context, held: Held) -> Result<crate::ToolResult, ToolError> {
    let hold: usize = cx
        .step("hold", async |key: crate::IdempotencyKey| {
            assert!(key.as_str().ends_with("/hold"));
            Ok::<_, std::convert::Infallible>(held.fetch_add(1, Ordering::SeqCst))
        })
        .await?;
    let first: Name = cx.elicit("first", "First?").await?;
    let second = cx.elicit::<Name>("second", "Second?").outcome().await?;
    let second = match second {
        Elicited::Accepted(name) => name.name,
        other => format!("{:?}", other.map_none()),
    };
    Ok(crate::ToolResult::text(format!(
        "{hold} {} {second} {}",
        first.name,
        cx.round()
    )))
}

impl<T> Elicited<T> {
    fn map_none(self) -> Elicited<()> {
        match self {
            Self::Accepted(_) => Elicited::Accepted(()),
            Self::Declined => Elicited::Declined,
            Self::Cancelled => Elicited::Cancelled,
        }
    }
}

fn bank(keys: [u8; 32], held: &Held) -> crate::ServerBuilder {
    let held = held.clone();
    let tool = crate::protocol::Tool::new("transfer");
    let entry = crate::Entry::tool(tool, move |_, cx| transfer(cx, held.clone()));
    Server::builder("bank", "1")
        .keys(KeyRing::new(keys))
        .entry(entry)
}

fn server(keys: [u8; 32]) -> Server {
    bank(keys, &Held::default()).build()
}

fn request(who: &str, arguments: &Value, more: &Value) -> Request {
    let mut params = json!({
        "name": "transfer",
        "arguments": arguments,
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
        },
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        params[key] = value.clone();
    }
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let facts = from_json(&body.to_string(), Revision::V2026_07_28)
        .facts()
        .clone();
    Request::new(
        facts
            .with_principal(Principal::new("i", who.to_owned()))
            .with_mount(Mount::new("m")),
    )
}

async fn call(server: &Server, request: Request) -> Response {
    let link = Arc::new(server.link_with_rounds().unwrap());
    let request = request.with_peer(link.clone());
    let mut call = RunningCall::start(server, request, link);
    match std::future::poll_fn(|cx| call.poll_event(cx)).await {
        CallEvent::Done(response) => response,
        other => panic!("{other:?}"),
    }
}

fn required(response: Response) -> (Vec<String>, String) {
    match response.into_outcome() {
        Ok(Payload::InputRequired(required)) => {
            let keys = required.questions.into_iter().map(|question| question.key);
            (keys.collect(), required.state)
        }
        other => panic!("{other:?}"),
    }
}

fn text(response: Response) -> String {
    match response.into_outcome() {
        Ok(Payload::Tool(result)) => match &result.content[0] {
            ContentBlock::Text { text, .. } => text.to_string(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn accept(name: &str) -> Value {
    json!({"action": "accept", "content": {"name": name}})
}

#[tokio::test]
async fn answers_and_steps_survive_the_rounds_on_any_replica() {
    let held = Held::default();
    let [one, two, three] = [(); 3].map(|()| bank([1; 32], &held).build());
    let arguments = json!({"a": 1, "b": 2});
    let (keys, state) = required(call(&one, request("ada", &arguments, &json!({}))).await);
    assert_eq!(keys, ["first"]);
    let more = json!({"requestState": state, "inputResponses": {"first": accept("Ada"), "x": 1}});
    let (keys, next) = required(call(&two, request("ada", &arguments, &more)).await);
    assert_eq!(keys, ["second"]);
    assert_ne!(state, next);
    // The journal wins over a new answer to an old question.
    let more = json!({
        "requestState": next,
        "inputResponses": {"first": accept("Eve"), "second": {"action": "decline"}},
    });
    let answer = text(call(&three, request("ada", &json!({"b": 2, "a": 1}), &more)).await);
    assert_eq!(answer, "0 Ada Declined 2");
    assert_eq!(held.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_state_belongs_to_one_call_of_one_caller() {
    let bank = server([1; 32]);
    let arguments = json!({"a": 1});
    let (_, state) = required(call(&bank, request("ada", &arguments, &json!({}))).await);
    let more = json!({"requestState": state});
    let tampered = json!({"requestState": format!("{state}-TAMPERED")});
    let odd = json!({"requestState": 5});
    for (server, request) in [
        (&bank, request("bob", &arguments, &more)),
        (&bank, request("ada", &json!({"a": 2}), &more)),
        (&bank, request("ada", &arguments, &tampered)),
        (&bank, request("ada", &arguments, &odd)),
        (&server([2; 32]), request("ada", &arguments, &more)),
    ] {
        let refusal = call(server, request).await.into_outcome().unwrap_err();
        assert_eq!(refusal.error().code.0, -32602);
    }
    required(call(&bank, request("ada", &arguments, &more)).await);
}

#[tokio::test]
async fn bad_answers_are_asked_for_again() {
    let bank = server([1; 32]);
    for responses in [
        json!({"first": {"action": "accept", "content": {"name": 12345}}}),
        json!({"first": 5}),
        json!({"wrong": accept("Ada")}),
        Value::Null,
    ] {
        let more = json!({"inputResponses": responses});
        let (keys, _) = required(call(&bank, request("ada", &json!({}), &more)).await);
        assert_eq!(keys, ["first"], "{more}");
    }
    // The first round needs no state.
    let more = json!({"inputResponses": {"first": accept("Ada"), "second": accept("B")}});
    let answer = text(call(&bank, request("ada", &json!({}), &more)).await);
    assert!(answer.ends_with("Ada B 0"), "{answer}");
}

#[tokio::test]
async fn a_state_can_be_good_for_one_use() {
    let bank = bank([1; 32], &Held::default()).one_shot_rounds(10).build();
    let (_, state) = required(call(&bank, request("ada", &json!({}), &json!({}))).await);
    let more = json!({"requestState": state});
    let (_, next) = required(call(&bank, request("ada", &json!({}), &more)).await);
    let refusal = call(&bank, request("ada", &json!({}), &more))
        .await
        .into_outcome()
        .unwrap_err();
    assert_eq!(refusal.error().code.0, -32602);
    required(
        call(
            &bank,
            request("ada", &json!({}), &json!({"requestState": next})),
        )
        .await,
    );
}

#[test]
fn expired_journals_are_worthless() {
    let mut journal = Journal::default();
    let plain = journal.write(100);
    assert!(Journal::read(&plain, 99).is_some());
    assert!(Journal::read(&plain, 100).is_none());
}

#[tokio::test]
async fn misuse_is_named() {
    async fn twice(cx: Context) -> Result<crate::ToolResult, ToolError> {
        let (one, two) = crate::Together::together((
            cx.elicit::<Name>("same", "?"),
            cx.elicit::<Name>("same", "?"),
        ))
        .await;
        one?;
        two?;
        Ok(crate::ToolResult::new())
    }
    async fn elsewhere(cx: Context) -> Result<crate::ToolResult, ToolError> {
        let asked = tokio::spawn(async move { cx.elicit::<Name>("k", "?").await.map(|_| ()) });
        let error = asked.await?.unwrap_err();
        Ok(crate::ToolResult::text(error.to_string()))
    }
    let entry = crate::Entry::tool(crate::protocol::Tool::new("transfer"), |_, cx| twice(cx));
    let server = Server::builder("s", "1").entry(entry).build();
    // The first question alone would suspend the call and hide the second one's error.
    let answer = text(call(&server, request("ada", &json!({}), &json!({}))).await);
    assert!(answer.starts_with("internal error"), "{answer}");
    let entry = crate::Entry::tool(crate::protocol::Tool::new("transfer"), |_, cx| {
        elsewhere(cx)
    });
    let server = Server::builder("s", "1").entry(entry).build();
    let answer = text(call(&server, request("ada", &json!({}), &json!({}))).await);
    assert!(answer.contains("from a task of its own"), "{answer}");
}

#[tokio::test]
async fn an_undeclared_capability_refuses_the_call() {
    let mut facts = request("ada", &json!({}), &json!({})).facts().clone();
    facts.client.capabilities = None;
    let refusal = call(&server([1; 32]), Request::new(facts))
        .await
        .into_outcome()
        .unwrap_err();
    assert_eq!(refusal.status(), 400);
    let data = refusal.error().data.as_ref().unwrap().as_str();
    assert_eq!(data, r#"{"requiredCapabilities":{"elicitation":{}}}"#);
}

#[tokio::test]
async fn a_step_in_flight_is_finished_before_the_round_ends() {
    static CHARGED: AtomicUsize = AtomicUsize::new(0);
    async fn charge(cx: Context) -> Result<crate::ToolResult, ToolError> {
        let step = cx.step("charge", async |_| {
            CHARGED.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(7)
        });
        let (name, charged) = tokio::join!(cx.elicit::<Name>("name", "?").outcome(), step);
        name?;
        Ok(crate::ToolResult::text(charged?.to_string()))
    }
    let entry = crate::Entry::tool(crate::protocol::Tool::new("transfer"), |_, cx| charge(cx));
    let bank = Server::builder("bank", "1").entry(entry).build();
    let (_, state) = required(call(&bank, request("ada", &json!({}), &json!({}))).await);
    let more = json!({"requestState": state, "inputResponses": {"name": accept("Ada")}});
    assert_eq!(
        text(call(&bank, request("ada", &json!({}), &more)).await),
        "7"
    );
    assert_eq!(CHARGED.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn arguments_that_serde_json_cannot_hold_are_bound_as_written() {
    let with = |amount: u32| {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"transfer","arguments":{{"amount":{amount},"x":1e999}}}}}}"#
        );
        let request = from_json(&body, Revision::V2026_07_28);
        journal::binding(request.facts())
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(1_000_000));
}

#[tokio::test]
async fn a_question_that_was_given_up_does_not_end_the_round() {
    async fn give_up(cx: Context) -> Result<crate::ToolResult, ToolError> {
        tokio::select! {
            biased;
            _ = cx.elicit::<Name>("name", "?").outcome() => {}
            () = std::future::ready(()) => {}
        }
        tokio::task::yield_now().await;
        Ok(crate::ToolResult::text("gone on"))
    }
    let entry = crate::Entry::tool(crate::protocol::Tool::new("transfer"), |_, cx| give_up(cx));
    let server = Server::builder("s", "1").entry(entry).build();
    let answer = text(call(&server, request("ada", &json!({}), &json!({}))).await);
    assert_eq!(answer, "gone on");
}

#[tokio::test]
async fn a_state_that_grows_too_large_is_named() {
    async fn hoard(cx: Context) -> Result<crate::ToolResult, ToolError> {
        let work = async |_| Ok::<_, ToolError>("x".repeat(Rounds::MAX_STATE_BYTES));
        let kept: String = cx.step("hoard", work).await?;
        let _: Name = cx.elicit("name", "?").await?;
        Ok(crate::ToolResult::text(kept))
    }
    let entry = crate::Entry::tool(crate::protocol::Tool::new("transfer"), |_, cx| hoard(cx));
    let server = Server::builder("s", "1").entry(entry).build();
    let response = call(&server, request("ada", &json!({}), &json!({}))).await;
    let refusal = response.into_outcome().unwrap_err();
    assert!(refusal.error().message.contains("65536 are allowed"));
}
