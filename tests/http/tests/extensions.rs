//! What outer layers, headers and the connection say reaches tools, prompts, resources and
//! completions, over every mount and in both eras.

use http_tests::{Client, Post, Reply, Running, all, open, server};
use mcp_tower::McpService;
use serde_json::{Value, json};

/// The ways to ask who is calling.
fn questions() -> [(&'static str, Value); 4] {
    let mood = json!({"name": "mood", "value": ""});
    let prompt = json!({"type": "ref/prompt", "name": "greet"});
    [
        (
            "completion/complete",
            json!({"ref": prompt, "argument": mood}),
        ),
        ("tools/call", json!({"name": "who_tool", "arguments": {}})),
        ("prompts/get", json!({"name": "who_prompt"})),
        ("resources/read", json!({"uri": "who://am-i"})),
    ]
}

fn answer(reply: &Reply) -> Value {
    let result = reply.result();
    let text = [
        &result["content"][0]["text"],
        &result["messages"][0]["content"]["text"],
        &result["contents"][0]["text"],
        &result["completion"]["values"][0],
    ];
    let text = text.into_iter().find_map(Value::as_str);
    serde_json::from_str(text.unwrap()).unwrap()
}

async fn ask(running: &Running, post: &Post, subject: Option<&str>) {
    let mut client = Client::connect(running.address).await;
    let (post, trace, scopes) = match subject {
        Some(subject) => {
            let post = post.clone().set("x-user", subject);
            let post = post.set("x-trace", "t-7").set("x-scopes", "b a");
            (post, Some("t-7"), "a b")
        }
        None => (post.clone(), None, ""),
    };
    let reply = client.send(&post).await;
    let expected = json!({
        "tenant": "acme",
        "subject": subject,
        "peer": client.port(),
        "trace": trace,
        "scopes": scopes,
    });
    assert_eq!(answer(&reply), expected, "{}", running.name);
}

#[tokio::test]
async fn modern_handlers_know_the_request_they_came_with() {
    for running in all(&server()).await {
        for (method, params) in questions() {
            let post = Post::modern(method, params);
            ask(&running, &post, Some("ada")).await;
            ask(&running, &post, None).await;
        }
    }
}

#[tokio::test]
async fn legacy_handlers_know_the_request_they_came_with() {
    let service = server();
    for running in all(&service).await {
        let (mine, anyones) = sessions(&running, &service).await;
        for (method, params) in questions() {
            let post = Post::legacy(method, params);
            ask(&running, &post.clone().session(&mine), Some("ada")).await;
            ask(&running, &post.session(&anyones), None).await;
        }
    }
}

/// A session of ada's, and one of nobody's.
async fn sessions(running: &Running, service: &McpService) -> (String, String) {
    let mut client = Client::connect(running.address).await;
    let ada = Post::initialize("2025-11-25").set("x-user", "ada");
    let mine = client.send(&ada).await.header("mcp-session-id").to_owned();
    (mine, open(service, "2025-11-25").await)
}

#[tokio::test]
async fn requests_on_one_connection_do_not_share_what_is_known() {
    for running in all(&server()).await {
        let mut client = Client::connect(running.address).await;
        let post = Post::call("who_tool", json!({}));
        for subject in [Some("ada"), None, Some("bob")] {
            let post = match subject {
                Some(subject) => post.clone().set("x-user", subject),
                None => post.clone(),
            };
            let reply = client.send(&post).await;
            assert_eq!(
                answer(&reply)["subject"],
                json!(subject),
                "{}",
                running.name
            );
        }
    }
}
