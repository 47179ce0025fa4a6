//! What every client has to get from the server.

use crate::{
    case::{Case, Heard, Peer},
    session::{Fault, List, Outcome, Session},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// Group and name, in the order of the table.
pub(crate) const SCENARIOS: &[(&str, &str)] = &[
    ("basic", "negotiate"),
    ("basic", "list_tools"),
    ("basic", "call_tool"),
    ("basic", "call_tool_with_arguments"),
    ("basic", "tool_error"),
    ("basic", "unknown_tool"),
    ("basic", "structured_output"),
    ("basic", "image"),
    ("basic", "list_resources"),
    ("basic", "read_text_resource"),
    ("basic", "read_binary_resource"),
    ("basic", "unknown_resource"),
    ("basic", "resource_template"),
    ("basic", "list_prompts"),
    ("basic", "get_prompt"),
    ("basic", "complete"),
    ("progress", "progress"),
    ("logging", "logging"),
    ("elicitation", "elicitation"),
    ("sampling", "sampling"),
    ("subscriptions", "list_changed"),
    ("subscriptions", "resource_updated"),
    ("cancellation", "cancellation"),
    ("reconnection", "reconnection"),
];

const WATCHED: &str = "test://watched-resource";
const PNG: &str = "iVBORw0KGgo"; // how the Base64 of every PNG begins

pub(crate) async fn run<S: Session>(name: &str, s: &S, case: &Case, peer: &Peer) -> Outcome<()> {
    match name {
        "negotiate" => negotiate(s).await,
        "list_tools" => list_tools(s).await,
        "structured_output" => structured_output(s, case).await,
        "list_resources" | "resource_template" => resources(s, name).await,
        "unknown_tool" | "unknown_resource" => unknown(s, case, name).await,
        "list_prompts" => list_prompts(s).await,
        "progress" => progress(s, peer).await,
        "logging" => logging(s, case, peer).await,
        "elicitation" => elicitation(s, case).await,
        "sampling" => sampling(s, case).await,
        "list_changed" => list_changed(s, case, peer).await,
        "resource_updated" => resource_updated(s, case, peer).await,
        "cancellation" => cancellation(s, case, peer).await,
        simple => call_and_compare(s, simple).await,
    }
}

/// `found`, unless it is what was expected.
fn is(found: &Value, expected: impl Into<Value>) -> Outcome<()> {
    let expected = expected.into();
    if *found == expected {
        return Ok(());
    }
    Err(format!("{found} is not {expected}").into())
}

fn holds(what: bool, found: impl std::fmt::Debug) -> Outcome<()> {
    if what {
        Ok(())
    } else {
        Err(format!("{found:?}").into())
    }
}

/// The text of a result that is one text.
fn text(result: &Value) -> Outcome<&str> {
    holds(
        result["isError"] != true && result["content"][1].is_null(),
        result,
    )?;
    result["content"][0]["text"]
        .as_str()
        .ok_or_else(|| Fault::from("no text"))
}

fn find<'a>(items: &'a Value, key: &str, name: &str) -> Outcome<&'a Value> {
    let mut all = items.as_array().into_iter().flatten();
    let found = all.find(|item| item[key] == name);
    found.ok_or_else(|| format!("no {name} in {items}").into())
}

/// Scenarios that are one request and one look at its answer.
async fn call_and_compare<S: Session>(s: &S, name: &str) -> Outcome<()> {
    let none = || json!({});
    match name {
        "call_tool" => {
            let result = s.call("test_simple_text", none()).await?;
            is(
                &text(&result)?.into(),
                "This is a simple text response for testing.",
            )
        }
        "call_tool_with_arguments" => is(
            &text(&s.call("add", json!({"a": 2, "b": 3})).await?)?.into(),
            "5",
        ),
        "tool_error" => {
            let result = s.call("test_error_handling", none()).await?;
            let said = result["content"][0]["text"].as_str().unwrap_or_default();
            holds(
                result["isError"] == true && said.contains("intentionally returns an error"),
                &result,
            )
        }
        "image" => {
            let result = s.call("test_image_content", none()).await?;
            is(&result["content"][0]["mimeType"], "image/png")?;
            holds(
                result["content"][0]["data"]
                    .as_str()
                    .is_some_and(|data| data.starts_with(PNG)),
                &result,
            )
        }
        "read_text_resource" => {
            let result = s.read("test://static-text").await?;
            let text = "This is the content of the static text resource.";
            let expected =
                json!([{"uri": "test://static-text", "mimeType": "text/plain", "text": text}]);
            is(&result["contents"], expected)
        }
        "read_binary_resource" => {
            let result = s.read("test://static-binary").await?;
            is(&result["contents"][0]["mimeType"], "image/png")?;
            holds(
                result["contents"][0]["blob"]
                    .as_str()
                    .is_some_and(|blob| blob.starts_with(PNG)),
                &result,
            )
        }
        "get_prompt" => {
            let arguments = json!({"arg1": "one", "arg2": "two"});
            let result = s.prompt("test_prompt_with_arguments", arguments).await?;
            let content =
                json!({"type": "text", "text": "Prompt with arguments: arg1='one', arg2='two'"});
            is(
                &result["messages"],
                json!([{"role": "user", "content": content}]),
            )
        }
        "complete" => {
            let result = s
                .complete("test_prompt_with_arguments", "arg1", "teste")
                .await?;
            is(&result["completion"]["values"], json!(["tested"]))
        }
        // In a session over HTTP the server ends the stream of this call, and from 2025-11-25 on the
        // client comes back for the answer. Elsewhere there is nothing to come back to, and the stream
        // stays.
        "reconnection" => is(
            &text(&s.call("test_reconnection", none()).await?)?.into(),
            "You have come back.",
        ),
        other => Err(format!("no scenario {other}").into()),
    }
}

async fn negotiate<S: Session>(s: &S) -> Outcome<()> {
    let offered = s.offered().await?;
    let capabilities = &offered["capabilities"];
    holds(
        ["tools", "resources", "prompts"]
            .iter()
            .all(|key| capabilities[key].is_object()),
        capabilities,
    )?;
    is(&offered["serverInfo"]["name"], "everything")
}

async fn list_tools<S: Session>(s: &S) -> Outcome<()> {
    let tools = s.list(List::Tools).await?;
    find(&tools["tools"], "name", "structured")?;
    let schema = &find(&tools["tools"], "name", "add")?["inputSchema"];
    is(&schema["required"], json!(["a", "b"]))?;
    holds(
        schema["properties"]["a"].is_object() && schema["properties"]["b"].is_object(),
        schema,
    )
}

async fn structured_output<S: Session>(s: &S, case: &Case) -> Outcome<()> {
    let tools = s.list(List::Tools).await?;
    let schema = &find(&tools["tools"], "name", "structured")?["outputSchema"];
    let result = s.call("structured", json!({})).await?;
    let structured = &result["structuredContent"];
    let told: Value = serde_json::from_str(text(&result)?)?;
    holds(
        told["city"].is_string() && told["temperature"].is_number(),
        &told,
    )?;
    if case.revision < "2025-06-18" {
        // Where it does not exist, the text has it.
        return holds(
            schema.is_null() && structured.is_null(),
            (schema, structured),
        );
    }
    holds(schema["properties"]["city"].is_object(), schema)?;
    is(structured, told)
}

async fn resources<S: Session>(s: &S, name: &str) -> Outcome<()> {
    if name == "list_resources" {
        let listed = s.list(List::Resources).await?;
        find(&listed["resources"], "uri", "test://static-text")?;
        find(&listed["resources"], "uri", "test://static-binary")?;
        return Ok(());
    }
    let listed = s.list(List::Templates).await?;
    find(
        &listed["resourceTemplates"],
        "uriTemplate",
        "test://template/{id}/data",
    )?;
    let result = s.read("test://template/123/data").await?;
    is(&result["contents"][0]["uri"], "test://template/123/data")?;
    let told: Value =
        serde_json::from_str(result["contents"][0]["text"].as_str().unwrap_or_default())?;
    is(&told["id"], "123")
}

async fn unknown<S: Session>(s: &S, case: &Case, name: &str) -> Outcome<()> {
    let (refused, expected) = if name == "unknown_tool" {
        (s.call("no_such_tool", json!({})).await, -32602)
    } else {
        let expected = if case.modern() { -32602 } else { -32002 };
        (s.read("test://no-such-resource").await, expected)
    };
    match refused {
        Err(Fault::Refused(code, _)) => is(&code.into(), expected),
        other => Err(format!("{other:?}").into()),
    }
}

async fn list_prompts<S: Session>(s: &S) -> Outcome<()> {
    let prompts = s.list(List::Prompts).await?;
    let prompt = find(&prompts["prompts"], "name", "test_prompt_with_arguments")?;
    for name in ["arg1", "arg2"] {
        is(&find(&prompt["arguments"], "name", name)?["required"], true)?;
    }
    Ok(())
}

async fn progress<S: Session>(s: &S, peer: &Peer) -> Outcome<()> {
    s.call("test_tool_with_progress", json!({})).await?;
    for done in [0.0, 50.0, 100.0] {
        let heard = peer.next().await;
        holds(heard == Heard::Progress(done, Some(100.0)), heard)?;
    }
    Ok(())
}

async fn logging<S: Session>(s: &S, case: &Case, peer: &Peer) -> Outcome<()> {
    if case.modern() {
        s.call_with_logs("test_logging_tool").await?; // each request says which logs it wants
    } else {
        s.log_level("debug").await?;
        s.call("test_tool_with_logging", json!({})).await?;
    }
    for text in [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ] {
        let heard = peer.next().await;
        holds(heard == Heard::Log(text.into()), heard)?;
    }
    Ok(())
}

async fn elicitation<S: Session>(s: &S, case: &Case) -> Outcome<()> {
    if case.modern() {
        // An `input_required` result, which the client answers by calling again.
        let result = s
            .call("test_input_required_result_elicitation", json!({}))
            .await?;
        return is(&text(&result)?.into(), "Hello, Ada!");
    }
    let result = s
        .call("test_elicitation", json!({"message": "Who are you?"}))
        .await?;
    if case.revision < "2025-06-18" {
        return is(&result["isError"], true); // nobody may be asked, and the tool says so
    }
    let said = text(&result)?;
    holds(
        said.contains("testuser") && said.contains("test@example.com"),
        said,
    )
}

async fn sampling<S: Session>(s: &S, case: &Case) -> Outcome<()> {
    let result = if case.modern() {
        s.call("test_input_required_result_sampling", json!({}))
            .await?
    } else {
        s.call("test_sampling", json!({"prompt": "The capital of France?"}))
            .await?
    };
    let said = text(&result)?;
    holds(said.contains("Paris, says the client"), said)
}

/// Calls `tool` until something is heard. In a session the client opens its notification stream on its
/// own and does not say when it is open, so the first call may be too early.
async fn triggered<S: Session>(s: &S, tool: &str, peer: &Peer) -> Outcome<Heard> {
    for _ in 0..5 {
        s.call(tool, json!({})).await?;
        if let Ok(heard) = timeout(Duration::from_secs(1), peer.next()).await {
            return Ok(heard);
        }
    }
    Err(format!("{tool} was called 5 times and no notification arrived").into())
}

async fn list_changed<S: Session>(s: &S, case: &Case, peer: &Peer) -> Outcome<()> {
    if case.modern() {
        s.listen(json!({"toolsListChanged": true})).await?;
    }
    let heard = triggered(s, "test_trigger_tool_change", peer).await?;
    holds(heard == Heard::ToolsChanged, heard)
}

async fn resource_updated<S: Session>(s: &S, case: &Case, peer: &Peer) -> Outcome<()> {
    if case.modern() {
        s.listen(json!({"resourceSubscriptions": [WATCHED]}))
            .await?;
    } else {
        s.subscribe(WATCHED).await?;
    }
    let heard = triggered(s, "test_trigger_resource_update", peer).await?;
    holds(heard == Heard::Updated(WATCHED.to_owned()), heard)?;
    if case.modern() {
        Ok(())
    } else {
        s.unsubscribe(WATCHED).await
    }
}

async fn cancellation<S: Session>(s: &S, case: &Case, peer: &Peer) -> Outcome<()> {
    let key = json!({"key": format!("{}-{}-{}", case.client, case.transport, case.revision)});
    tokio::select! {
        ended = s.call("test_wait_for_cancellation", key.clone()) => return Err(format!("{ended:?}").into()),
        // The first progress says that the tool runs: then the caller loses interest.
        _ = peer.next() => {}
    }
    // A second tool waits (bounded) until the server has dropped the first, and says so. Of several
    // replicas one knows the first; a round-robin proxy soon comes to it.
    let mut outcome = "unknown".to_owned();
    for _ in 0..10 {
        outcome = text(&s.call("test_cancellation_outcome", key.clone()).await?)?.to_owned();
        if outcome != "unknown" {
            break;
        }
    }
    is(&outcome.into(), "cancelled")
}
