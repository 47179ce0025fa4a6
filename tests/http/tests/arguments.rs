//! Bad arguments: what the model is told, and what it is not.

use http_tests::{Case, Client, LEGACY, Post, Running, all, check, open, server};
use serde_json::{Value, json};

const SECRET: &str = "hunter2-secret-value";

/// Arguments, what the answer must say, and what else it may say.
fn table() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let filter = |filter: Value| json!({"query": "x", "filter": filter});
    vec![
        (
            "add",
            json!({"a": SECRET, "b": 2}),
            vec!["`a`", "got a string"],
        ),
        ("add", json!({"a": 1.5, "b": 2}), vec!["`a`"]),
        ("add", json!({"a": null, "b": 2}), vec!["`a`"]),
        ("add", json!({"a": 9.3e18, "b": 2}), vec!["`a`"]),
        ("add", json!({"b": 2}), vec!["`a`", "required"]),
        // Every fault is named at once.
        ("add", json!({}), vec!["`a`", "`b`", "required"]),
        (
            "add",
            json!({"a": [SECRET], "b": {"x": SECRET}}),
            vec!["`a`", "`b`"],
        ),
        (
            "route_to",
            json!({"regoin": SECRET}),
            vec!["regoin", "did you mean \"region\"?"],
        ),
        ("add", json!({"a": 1, "b": 2, SECRET: 3}), vec!["unknown"]),
        (
            "limited",
            json!({"limit": 51}),
            vec!["`limit`", "from 1 to 50"],
        ),
        (
            "limited",
            json!({"limit": 0}),
            vec!["`limit`", "from 1 to 50"],
        ),
        ("limited", json!({"limit": 300}), vec!["`limit`"]),
        ("find", json!({"query": [SECRET]}), vec!["query", "string"]),
        ("find", json!({"query": "x", "qerry": 1}), vec!["qerry"]),
        (
            "find",
            filter(json!({"years": ["x"], "order": "newest"})),
            vec!["filter.years[0]"],
        ),
        (
            "find",
            filter(json!({"years": [1, 2, SECRET], "order": "newest"})),
            vec!["filter.years[2]"],
        ),
        (
            "find",
            filter(json!({"years": [], "order": "newst"})),
            vec!["filter.order", "did you mean \"newest\"?"],
        ),
        (
            "find",
            filter(json!({"years": []})),
            vec!["filter", "order"],
        ),
        ("find", filter(json!(SECRET)), vec!["filter"]),
    ]
}

async fn refused(client: &mut Client, post: &Post, expected: &[&str]) {
    let reply = client.send(post).await;
    assert_eq!(reply.status, 200);
    let result = reply.result();
    assert_eq!(result["isError"], true, "{result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    for part in expected {
        assert!(text.contains(part), "no {part:?} in {text:?}");
    }
    // A value that was sent is not repeated; a name that is unknown may be.
    if !String::from_utf8_lossy(&post.body).contains(&format!("\"{SECRET}\":")) {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn faults_are_named_by_path_and_without_the_value() {
    for running in all(&server()).await {
        let mut client = Client::connect(running.address).await;
        for (tool, arguments, expected) in table() {
            refused(&mut client, &Post::call(tool, arguments), &expected).await;
        }
    }
}

#[tokio::test]
async fn every_revision_is_told_by_a_result() {
    let service = server();
    for version in LEGACY {
        let session = open(&service, version).await;
        for running in all(&service).await {
            let mut client = Client::connect(running.address).await;
            for (tool, arguments, expected) in table() {
                let post = Post::legacy_call(tool, arguments).session(&session);
                refused(&mut client, &post, &expected).await;
            }
        }
    }
}

#[tokio::test]
async fn arguments_that_are_no_object_are_bad_params() {
    let call = |arguments: Value| Post::call("add", arguments);
    let refused = |what: &str, post| Case::refused(what, post, 200, -32602);
    let absent = Post::modern("tools/call", json!({"name": "talk"}));
    let cases = [
        refused("an array", call(json!([1, 2]))),
        refused("a text", call(json!("{}"))),
        refused("null", call(Value::Null)),
        refused("a name that is a number", {
            Post::modern("tools/call", json!({"name": 5, "arguments": {}}))
        }),
        Case::served("absent", absent),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn duplicate_arguments_are_refused() {
    for running in all(&server()).await {
        let mut client = Client::connect(running.address).await;
        let mut post = Post::call("add", json!({"a": 1, "b": 2}));
        let body = String::from_utf8(post.body).unwrap();
        assert!(body.contains(r#""a":1"#));
        post.body = body.replace(r#""a":1"#, r#""a":1,"a":2"#).into_bytes();
        refused(&mut client, &post, &["a"]).await;
    }
}

#[tokio::test]
async fn prompts_and_templates_are_told_by_an_error() {
    let get = |arguments: Value| {
        let params = json!({"name": "greet", "arguments": arguments});
        Post::modern("prompts/get", params)
    };
    let read = |uri: &str| Post::modern("resources/read", json!({"uri": uri}));
    let cases = [
        Case::refused(
            "a missing argument",
            get(json!({"mood": "kind"})),
            200,
            -32602,
        ),
        Case::refused(
            "an unknown argument",
            get(json!({"name": "Ada", "x": "y"})),
            200,
            -32602,
        ),
        Case::refused("a number", get(json!({"name": 5})), 200, -32602),
        Case::refused("no object", get(json!([])), 200, -32602),
        Case::refused("a variable out of range", read("page://300"), 200, -32602),
        Case::refused(
            "a variable of another type",
            read("page://one"),
            200,
            -32602,
        ),
        Case::served("all is well", get(json!({"name": "Ada"}))),
        Case::served("a page", read("page://2")),
    ];
    check(&server(), &cases).await;
    let running: Running = http_tests::hyper(server()).await;
    let mut client = Client::connect(running.address).await;
    let error = client.send(&get(json!({}))).await.json()["error"].clone();
    assert_eq!(error["data"]["invalid"][0]["path"], "name");
}
