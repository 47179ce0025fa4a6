//! Responses that turn out not to be what the tool promises, and text that looks like a placeholder.

use crate::{World, design};
use serde_json::{Value, json};

#[tokio::test]
async fn a_response_that_its_schema_does_not_allow_says_so() {
    let mut document = design(
        "t",
        json!([{
            "name": "measure",
            "outputSchema": {
                "type": "object",
                "properties": {"temperature": {"type": "number"}},
                "required": ["temperature"],
            },
            "scenarios": [{
                "condition": {"field": "again", "operator": "exists"},
                "sequence": [{"response": {"temperature": "{{args.t}}"}}],
            }],
            "default": {"temperature": "{{args.t}}"},
        }]),
    );
    document["debug"] = json!(true);
    let world = World::with([document]).await;
    for arguments in [
        json!({"t": "s3cret"}),
        json!({}),
        json!({"t": [], "again": 1}),
    ] {
        let test = world.platform.test("t", "measure", &arguments).unwrap();
        let reply = world.call("t", "measure", arguments).await;
        let result = &reply.message()["result"];
        assert_eq!(result["isError"], true);
        assert_eq!(result.get("structuredContent"), None);
        let text = result["content"][0]["text"].as_str().unwrap();
        let words = "The response is not what `outputSchema` allows: /temperature: ";
        assert!(text.starts_with(words), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
        // The trace says it, too, wherever it is shown.
        let call = world.platform.calls("t").unwrap().pop().unwrap();
        assert_eq!(call.outcome, "wrong response");
        let trace: Value = serde_json::from_str(call.trace.as_ref().unwrap().get()).unwrap();
        let problem = trace["problem"].as_str().unwrap().to_owned();
        assert!(text.ends_with(&problem), "{text}");
        assert_eq!(result["_meta"]["dev.mock/trace"]["problem"], problem);
        assert_eq!(test.outcome, "wrong response");
        assert_eq!(test.trace.problem, Some(problem));
        assert_eq!(test.result["isError"], true);
    }
    let reply = world.call("t", "measure", json!({"t": 1})).await;
    assert_eq!(reply.text(), r#"{"temperature":1}"#);
    let call = world.platform.calls("t").unwrap().pop().unwrap();
    assert_eq!(call.outcome, "response");
    let trace: Value = serde_json::from_str(call.trace.as_ref().unwrap().get()).unwrap();
    assert_eq!(trace.get("problem"), None);
}

#[tokio::test]
async fn braces_that_are_doubled_are_text_everywhere() {
    let mut document = design(
        "t",
        json!([{"name": "t", "default": "{{{{args.x}} {{args.x}}"}]),
    );
    document["resources"] = json!([
        {"uri": "a://one", "name": "one", "text": "{{{{now}}"},
        {"uri": "a://two", "name": "two", "json": ["{{{{now}}"]},
        {"uri": "a://three", "name": "three", "text": "{{random 4 4}}"},
        {"uri": "b://{n}", "name": "four", "text": "{{{{n}} {{n}}"},
    ]);
    document["prompts"] = json!([{
        "name": "p", "arguments": [{"name": "a"}],
        "messages": [{"role": "user", "text": "{{{{a}} {{{a}}}"}],
    }]);
    let world = World::with([document]).await;
    let reply = world.call("t", "t", json!({"x": "{{"})).await;
    assert_eq!(reply.text(), "{{args.x}} {{");
    let ask = async |method: &str, params| {
        let post = crate::curl("t", &crate::request(method, params));
        world.send(&post).await.message()
    };
    for (uri, text) in [
        ("a://one", "{{now}}"),
        ("a://two", r#"["{{now}}"]"#),
        ("a://three", "4"),
        ("b://x", "{{n}} x"),
    ] {
        let read = ask("resources/read", json!({"uri": uri})).await;
        assert_eq!(read["result"]["contents"][0]["text"], text);
    }
    let prompt = json!({"name": "p", "arguments": {"a": "x"}});
    let prompt = ask("prompts/get", prompt).await;
    let content = &prompt["result"]["messages"][0]["content"];
    assert_eq!(content["text"], "{{a}} {x}");
}
