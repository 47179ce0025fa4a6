//! What tools, resources and prompts answer.

use crate::{World, curl, design, request};
use http_tests::Post;
use serde_json::{Value, json};

#[tokio::test]
async fn the_first_scenario_that_fits_answers() {
    let world = World::demo().await;
    for (arguments, text) in [
        (
            json!({"city": "San Francisco"}),
            r#"{"temperature":72,"conditions":"Sunny"}"#,
        ),
        (
            json!({"city": "Graz", "units": "C", "when": {"month": 12}}),
            r#"{"temperature":-3}"#,
        ),
        (
            json!({"city": "Graz", "units": "F", "when": {"month": 12}}),
            r#"{"temperature":15,"conditions":"Unknown"}"#,
        ),
    ] {
        let reply = world.call("abc123", "get_weather", arguments).await;
        assert_eq!(reply.text(), text);
    }
    let result = world
        .call("abc123", "get_weather", json!({"city": "err-1"}))
        .await
        .result();
    assert_eq!(result["isError"], true);
    assert_eq!(result["content"][0]["text"], "backend down");
}

#[tokio::test]
async fn modern_clients_are_told_values_as_they_are() {
    let world = World::demo().await;
    for (id, expected) in [
        (
            "abc123",
            json!({"temperature": 15, "conditions": "Unknown"}),
        ),
        ("paris", json!("It is always lovely in Paris.")),
    ] {
        let post = Post::call("get_weather", json!({"city": "Graz"}));
        let reply = world
            .send(&post.path(&format!("/api/platform/{id}/mcp")))
            .await;
        assert_eq!(reply.result()["structuredContent"], expected);
    }
    let reply = world
        .call("paris", "get_weather", json!({"city": "Graz"}))
        .await;
    assert!(reply.result().get("structuredContent").is_none());
}

#[tokio::test]
async fn without_an_answer_a_tool_says_so() {
    let tool = json!({"name": "mute", "scenarios": [
        {"condition": {"field": "a", "operator": "exists"}, "response": 1},
    ]});
    let world = World::with([design("t", json!([tool]))]).await;
    let result = world.call("t", "mute", json!({})).await.result();
    assert_eq!(result["isError"], true);
    let text = "No scenario matched and no default response is set for mute";
    assert_eq!(result["content"][0]["text"], text);
    let calls = world.platform.calls("t").unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].outcome, "no match");
}

#[tokio::test]
async fn progress_comes_before_the_answer() {
    let world = World::demo().await;
    let post = Post::modern_with(
        "tools/call",
        json!({"name": "get_weather", "arguments": {"city": "paris"}}),
        json!({"progressToken": "p"}),
    );
    let reply = world.send(&post.path("/api/platform/paris/mcp")).await;
    let events = reply.events();
    let told: Vec<_> = events
        .iter()
        .map(|event| &event["params"]["progress"])
        .collect();
    assert_eq!(told, [&json!(1.0), &json!(2.0), &Value::Null]);
    let result = &events[2]["result"];
    assert_eq!(result["structuredContent"]["city"], "paris");
    assert!(result["_meta"]["dev.mock/trace"].is_object(), "{result}");
}

#[tokio::test]
async fn a_sequence_goes_on_from_call_to_call() {
    let world = World::with([design(
        "t",
        json!([
            {"name": "next", "scenarios": [{"sequence": [
                {"response": "one"},
                {"response": "two", "delayMs": 1},
                {"error": {"kind": "tool", "message": "three"}},
            ]}]},
        ]),
    )])
    .await;
    for expected in ["one", "two", "three", "three"] {
        assert_eq!(world.call("t", "next", json!({})).await.text(), expected);
    }
    // Looking at what a tool would answer moves nothing.
    let report = world.platform.test("t", "next", &json!({})).unwrap();
    assert_eq!(report.result["content"][0]["text"], "three");
    assert_eq!(world.platform.calls("t").unwrap().len(), 4);
}

#[tokio::test]
async fn errors_of_the_protocol_are_told_as_designed() {
    let world = World::with([design("t", json!([
        {"name": "fail", "scenarios": [{"error": {"kind": "protocol", "code": -32000, "message": "no", "data": {"a": 1}}}]},
    ]))])
    .await;
    let error = world.call("t", "fail", json!({})).await.message()["error"].clone();
    assert_eq!(
        error,
        json!({"code": -32000, "message": "no", "data": {"a": 1}})
    );
}

#[tokio::test]
async fn templates_of_resources_have_their_variables() {
    let world = World::demo().await;
    let read = |uri: &str| curl("paris", &request("resources/read", json!({"uri": uri})));
    for (uri, text) in [
        ("paris://districts/1", "The Louvre"),
        ("paris://districts/18", "District 18"),
        (
            "paris://districts/%7B%7Bnumber%7D%7D",
            "District {{number}}",
        ),
    ] {
        let contents = world.send(&read(uri)).await.result()["contents"][0].clone();
        assert_eq!(
            contents,
            json!({"uri": uri, "mimeType": "text/plain", "text": text})
        );
    }
    let error = world.send(&read("paris://rivers/1")).await.message()["error"].clone();
    assert_eq!(error["code"], -32002);
    assert_eq!(error["data"], json!({"uri": "paris://rivers/1"}));
    let list = request("resources/templates/list", json!({}));
    let listed = world.send(&curl("paris", &list)).await.result();
    assert_eq!(
        listed["resourceTemplates"][0]["uriTemplate"],
        "paris://districts/{number}"
    );
}

#[tokio::test]
async fn prompts_have_their_arguments() {
    let mut served = design("t", json!([]));
    served["prompts"] = json!([{"name": "p",
    "arguments": [{"name": "a", "required": true, "values": ["one", "two"]}, {"name": "b"}],
    "messages": [
        {"role": "user", "text": "{{a}}/{{b}}"},
        {"role": "assistant", "text": "{{b}}{{a}}"},
    ]}]);
    let world = World::with([served]).await;
    let get = |arguments: Value| {
        curl(
            "t",
            &request("prompts/get", json!({"name": "p", "arguments": arguments})),
        )
    };
    let result = world
        .send(&get(json!({"a": "{{b}}", "c": "ignored"})))
        .await
        .result();
    let texts: Vec<_> = result["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["{{b}}/", "{{b}}"]);
    assert_eq!(result["messages"][1]["role"], "assistant");
    let error = world.send(&get(json!({"b": "x"}))).await.message()["error"].clone();
    assert_eq!(error["code"], -32602);
    let complete = json!({"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": "t"}});
    let completed = world
        .send(&curl("t", &request("completion/complete", complete)))
        .await;
    assert_eq!(completed.result()["completion"]["values"], json!(["two"]));
}
