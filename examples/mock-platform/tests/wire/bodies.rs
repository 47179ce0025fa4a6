//! The seven bodies that every server of the product answers.

use crate::{World, curl};
use serde_json::{Value, json};

/// Each message, and its result: written as text, so that the order of members is the shown one.
const BODIES: [(&str, &str); 7] = [
    (
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05","clientInfo":{"name":"cli","version":"1"},"capabilities":{}}}"#,
        r#"{"protocolVersion":"2024-11-05","capabilities":{"tools":{},"prompts":{},"resources":{}},"serverInfo":{"name":"Forecast","version":"1.0.0"}}"#,
    ),
    (
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#,
        r#"{"tools":[{"name":"get_weather","description":"Weather for a city","inputSchema":{"type":"object","properties":{"city":{"type":"string","description":"City"}},"required":["city"]}}]}"#,
    ),
    (
        r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_weather","arguments":{"city":"Graz"}}}"#,
        r#"{"content":[{"type":"text","text":"{\"temperature\":15,\"conditions\":\"Unknown\"}"}]}"#,
    ),
    (
        r#"{"jsonrpc":"2.0","id":4,"method":"resources/list"}"#,
        r#"{"resources":[{"uri":"weather://cities","name":"Cities","description":"Known cities","mimeType":"application/json"}]}"#,
    ),
    (
        r#"{"jsonrpc":"2.0","id":5,"method":"resources/read","params":{"uri":"weather://cities"}}"#,
        r#"{"contents":[{"uri":"weather://cities","mimeType":"application/json","text":"[\"Graz\",\"Linz\"]"}]}"#,
    ),
    (
        r#"{"jsonrpc":"2.0","id":6,"method":"prompts/list"}"#,
        r#"{"prompts":[{"name":"weather_query","description":"Ask for weather","arguments":[{"name":"location","description":"Where","required":true}]}]}"#,
    ),
    (
        r#"{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"weather_query","arguments":{"location":"Graz"}}}"#,
        r#"{"messages":[{"role":"user","content":{"type":"text","text":"How is the weather in Graz?"}}]}"#,
    ),
];

fn bodies() -> impl Iterator<Item = (Value, Value)> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    BODIES
        .into_iter()
        .map(move |(body, result)| (parse(body), parse(result)))
}

#[tokio::test]
async fn each_is_answered_as_events_with_default_headers() {
    let world = World::demo().await;
    for ((body, result), (_, text)) in bodies().zip(BODIES) {
        // Each on a connection of its own, with nothing before it.
        let reply = world.send(&curl("abc123", &body)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.header("cache-control").contains("no-cache"));
        assert!(!reply.headers.contains_key("mcp-session-id"));
        let expected = json!({"jsonrpc": "2.0", "id": body["id"], "result": result});
        assert_eq!(reply.events(), [expected]);
        // One line and a blank one, to the byte: the event has no name and no id.
        let id = &body["id"];
        let told = format!("data: {{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{text}}}\n\n");
        assert_eq!(reply.body, told);
    }
}

#[tokio::test]
async fn each_is_answered_as_json_when_asked_to() {
    let world = World::demo().await;
    for (body, result) in bodies() {
        let post = curl("abc123", &body).set("accept", "application/json");
        let reply = world.send(&post).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.header("content-type"), "application/json");
        let expected = json!({"jsonrpc": "2.0", "id": body["id"], "result": result});
        assert_eq!(reply.json(), expected);
    }
}

#[tokio::test]
async fn a_reader_of_lines_finds_each_answer() {
    let world = World::demo().await;
    for (body, result) in bodies() {
        let reply = world.send(&curl("abc123", &body)).await;
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        // The product's own way of reading: lines that begin so, and the rest is JSON.
        let found: Vec<Value> = text
            .split('\n')
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0]["result"], result);
    }
}

#[tokio::test]
async fn a_server_chooses_how_it_answers_those_who_do_not_say() {
    let world = World::demo().await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    for (id, accept, expected) in [
        ("abc123", Some("*/*"), "text/event-stream"),
        ("abc123", None, "text/event-stream"),
        ("paris", Some("*/*"), "application/json"),
        ("paris", None, "application/json"),
        ("paris", Some("text/event-stream"), "text/event-stream"),
        (
            "paris",
            Some("application/json, text/event-stream"),
            "text/event-stream",
        ),
        ("abc123", Some("application/json"), "application/json"),
    ] {
        let post = curl(id, &list).without("accept");
        let post = match accept {
            Some(accept) => post.set("accept", accept),
            None => post,
        };
        let reply = world.send(&post).await;
        assert_eq!(reply.header("content-type"), expected, "{id} {accept:?}");
    }
}
