//! Which servers there are, and what is known of them.

use crate::{World, curl, design, request};
use mock_platform::design::Status;
use serde_json::{Value, json};

#[tokio::test]
async fn two_servers_have_a_tool_of_the_same_name() {
    let world = World::demo().await;
    let arguments = json!({"city": "Graz"});
    let (one, other) = tokio::join!(
        world.call("abc123", "get_weather", arguments.clone()),
        world.call("paris", "get_weather", arguments),
    );
    assert_eq!(one.text(), r#"{"temperature":15,"conditions":"Unknown"}"#);
    assert_eq!(other.text(), "It is always lovely in Paris.");
    assert_eq!(world.platform.calls("abc123").unwrap().len(), 1);
    assert_eq!(world.platform.calls("paris").unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_published_is_unknown() {
    let world = World::demo().await;
    let list = request("tools/list", json!({}));
    let unknown = |reply: &http_tests::Reply| {
        assert_eq!(reply.status, 404);
        assert_eq!(reply.body, r#"{"error":{"message":"No such server"}}"#);
    };
    unknown(&world.send(&curl("nobody", &list)).await);
    for status in [Status::Draft, Status::Disabled] {
        world.platform.set_status("paris", status).await.unwrap();
        unknown(&world.send(&curl("paris", &list)).await);
    }
    world
        .platform
        .set_status("paris", Status::Published)
        .await
        .unwrap();
    assert_eq!(world.send(&curl("paris", &list)).await.status, 200);
    world.platform.delete("paris").await.unwrap();
    unknown(&world.send(&curl("paris", &list)).await);
}

#[tokio::test]
async fn what_is_off_is_unknown_and_what_is_not_there_is_not_offered() {
    let off = json!([
        {"name": "on", "default": 1},
        {"name": "off", "enabled": false, "default": 1},
    ]);
    let mut served = design("t", off);
    served["prompts"] =
        json!([{"name": "p", "enabled": false, "messages": [{"role": "user", "text": "x"}]}]);
    let world = World::with([served]).await;
    let initialize = json!({"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
    let offered = world
        .send(&curl("t", &request("initialize", initialize)))
        .await
        .result();
    assert_eq!(offered["capabilities"], json!({"tools": {}}));
    let listed = world
        .send(&curl("t", &request("tools/list", json!({}))))
        .await
        .result();
    assert_eq!(listed["tools"].as_array().unwrap().len(), 1);
    let called = world.call("t", "off", json!({})).await.message();
    let unknown = world.call("t", "nobody", json!({})).await.message();
    assert_eq!(called["error"]["code"], -32602);
    let named = unknown["error"]["message"]
        .as_str()
        .unwrap()
        .replace("nobody", "off");
    assert_eq!(called["error"]["message"], named);
}

#[tokio::test]
async fn other_methods_and_other_bodies_are_refused() {
    let world = World::demo().await;
    let list = curl("abc123", &request("tools/list", json!({})));
    for verb in ["GET", "DELETE"] {
        assert_eq!(
            world.send(&list.clone().verb(verb)).await.status,
            405,
            "{verb}"
        );
    }
    for (body, code) in [
        ("{", -32700),
        ("nothing", -32700),
        ("{}", -32600),
        ("[]", -32600),
    ] {
        let mut post = list.clone();
        post.body = body.into();
        let reply = world.send(&post).await;
        assert_eq!(reply.status, 400, "{body}");
        assert_eq!(reply.json()["error"]["code"], code, "{body}");
    }
    let unknown = world
        .send(&curl("abc123", &request("no/such", json!({}))))
        .await;
    assert_eq!(unknown.status, 200);
    assert_eq!(unknown.message()["error"]["code"], -32601);
}

#[tokio::test]
async fn lists_have_pages() {
    let tools: Vec<Value> = (0..5)
        .map(|n| json!({"name": format!("t{n}"), "default": n}))
        .collect();
    let mut served = design("t", tools.into());
    served["page_size"] = json!(2);
    let world = World::with([served]).await;
    let mut names = Vec::new();
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let page = world
            .send(&curl("t", &request("tools/list", params)))
            .await
            .result();
        let tools = page["tools"].as_array().unwrap();
        pages.push(tools.len());
        names.extend(
            tools
                .iter()
                .map(|tool| tool["name"].as_str().unwrap().to_owned()),
        );
        match page.get("nextCursor") {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => break,
        }
    }
    assert_eq!(pages, [2, 2, 1]);
    assert_eq!(names, ["t0", "t1", "t2", "t3", "t4"]);
}

#[tokio::test]
async fn placeholders_of_resources_need_no_template() {
    let mut served = design("t", json!([]));
    served["resources"] = json!([
        {"uri": "t://text", "name": "Text", "text": "{{random 3 3}} of {{counter}}"},
        {"uri": "t://json", "name": "Json", "json": {"count": "{{counter}}"}},
    ]);
    let world = World::with([served]).await;
    for (uri, text) in [("t://text", "3 of 1"), ("t://json", r#"{"count":2}"#)] {
        let read = request("resources/read", json!({ "uri": uri }));
        let result = world.send(&curl("t", &read)).await.result();
        assert_eq!(result["contents"][0]["text"], text);
    }
}

#[tokio::test]
async fn callers_do_not_see_each_other() {
    let tools = json!([{"name": "echo", "default": "{{args.text}}",
        "scenarios": [{"condition": {"field": "slow", "operator": "exists"}, "response": "{{args.text}}", "delayMs": 50}]}]);
    let world = World::with([design("one", tools.clone()), design("other", tools)]).await;
    let (mut first, mut second) = (world.client().await, world.client().await);
    // The same ids, at the same time; the second is answered first.
    let call = |id: &str, arguments: Value| {
        curl(
            id,
            &request(
                "tools/call",
                json!({"name": "echo", "arguments": arguments}),
            ),
        )
    };
    first
        .write(&call("one", json!({"text": "a", "slow": true})))
        .await;
    let second = second.send(&call("other", json!({"text": "b"}))).await;
    assert_eq!(second.text(), "b");
    assert_eq!(first.reply().await.text(), "a");
    let calls = world.platform.calls("one").unwrap();
    assert_eq!(calls.len(), 1);
    let arguments: Value = serde_json::from_str(calls[0].arguments.get()).unwrap();
    assert_eq!(arguments["text"], "a");
}
