//! Streams of events: when an answer becomes one, what is in it, and how it is framed.

use http_tests::{Client, LEGACY, Post, Reply, Running, all, open, server};
use serde_json::{Value, json};

fn modern_talk(meta: Value) -> Post {
    Post::modern_with("tools/call", json!({"name": "talk", "arguments": {}}), meta)
}

fn legacy_talk(session: &str) -> Post {
    let meta = json!({"progressToken": 7});
    let params = json!({"name": "talk", "arguments": {}, "_meta": meta});
    Post::legacy("tools/call", params).session(session)
}

async fn send(running: &Running, post: &Post) -> Reply {
    Client::connect(running.address).await.send(post).await
}

fn methods(events: &[Value]) -> Vec<&str> {
    let methods = events.iter().map(|event| event["method"].as_str());
    methods.map(|method| method.unwrap_or("answer")).collect()
}

#[tokio::test]
async fn a_silent_call_answers_with_json() {
    for running in all(&server()).await {
        let reply = send(&running, &Post::call("add", json!({"a": 1, "b": 2}))).await;
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("content-length"), reply.body.len().to_string());
        // Nobody asked for progress or messages, so the call stays silent.
        let reply = send(&running, &modern_talk(json!({}))).await;
        assert_eq!(
            reply.header("content-type"),
            "application/json",
            "{}",
            running.name
        );
    }
}

#[tokio::test]
async fn a_call_that_speaks_answers_with_events() {
    let progress = "notifications/progress";
    for running in all(&server()).await {
        let reply = send(&running, &modern_talk(json!({"progressToken": "p"}))).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), "text/event-stream");
        assert_eq!(reply.header("cache-control"), "no-cache, no-transform");
        assert_eq!(reply.header("x-accel-buffering"), "no");
        let events = reply.events();
        assert_eq!(
            methods(&events),
            [progress, progress, "answer"],
            "{}",
            running.name
        );
        let first = json!({"progressToken": "p", "progress": 1.0, "total": 2.0, "message": "half"});
        assert_eq!(events[0]["params"], first);
        assert_eq!(events[1]["params"]["progress"], 2.0);
        assert_eq!(events[2]["id"], 1);
        let result = &events[2]["result"];
        assert_eq!(result["resultType"], "complete");
        // The modern era has no resumption.
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(!text.contains("\nid:") && !text.contains("retry:"));
    }
}

#[tokio::test]
async fn progress_tokens_keep_their_type() {
    for running in all(&server()).await {
        for token in [
            json!(0),
            json!("0"),
            json!(-1),
            json!("tökén"),
            json!(u64::MAX),
        ] {
            let reply = send(&running, &modern_talk(json!({"progressToken": token}))).await;
            assert_eq!(reply.events()[0]["params"]["progressToken"], token);
        }
    }
}

#[tokio::test]
async fn messages_are_sent_from_the_level_that_was_asked_for() {
    let key = "io.modelcontextprotocol/logLevel";
    for running in all(&server()).await {
        for (level, expected) in [
            ("debug", vec!["details", "careful"]),
            ("warning", vec!["careful"]),
            ("error", vec![]),
        ] {
            let reply = send(&running, &modern_talk(json!({key: level}))).await;
            let streams = reply.header("content-type") == "text/event-stream";
            assert_eq!(streams, !expected.is_empty(), "{level}");
            if streams {
                let events = reply.events();
                let told = events[..events.len() - 1].iter().map(|event| {
                    assert_eq!(event["method"], "notifications/message");
                    event["params"]["data"].as_str().unwrap()
                });
                assert_eq!(told.collect::<Vec<_>>(), expected, "{level}");
            }
        }
    }
}

#[tokio::test]
async fn sessions_stream_in_the_terms_of_their_revision() {
    let service = server();
    for version in LEGACY {
        let session = open(&service, version).await;
        for running in all(&service).await {
            let reply = send(&running, &legacy_talk(&session)).await;
            let events = reply.events();
            let progress: Vec<_> = events
                .iter()
                .filter(|event| event["method"] == "notifications/progress")
                .collect();
            assert_eq!(progress.len(), 2, "{version}");
            assert_eq!(progress[0]["params"]["progressToken"], 7);
            let told = progress[0]["params"].get("message").is_some();
            assert_eq!(told, version != "2024-11-05", "{version}");
            let answer = events.last().unwrap();
            assert!(answer["result"].get("resultType").is_none());
            assert_eq!(answer["result"]["content"][0]["text"], "told");
        }
    }
}

#[tokio::test]
async fn frames_are_whole_events_of_one_line() {
    let arguments = json!({"name": "handwritten", "arguments": {}});
    for running in all(&server()).await {
        let meta = json!({"progressToken": 1});
        let post = Post::modern_with("tools/call", arguments.clone(), meta);
        let mut client = Client::connect(running.address).await;
        client.write(&post).await;
        client.head().await;
        let mut all = Vec::new();
        while let Some(chunk) = client.chunk().await {
            // However events are joined, no piece ends inside one.
            assert!(chunk.starts_with(b"event: message\ndata: "), "{chunk:?}");
            assert!(chunk.ends_with(b"\n\n"), "{chunk:?}");
            all.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(all).unwrap();
        for event in text.split_terminator("\n\n") {
            assert_eq!(event.lines().count(), 2, "{event:?}");
            assert!(!event.contains('\r'));
        }
        // The value is the same; only line breaks between its tokens are gone.
        let answer = text.split_terminator("\n\n").last().unwrap();
        let data = answer
            .lines()
            .nth(1)
            .unwrap()
            .strip_prefix("data: ")
            .unwrap();
        let answer: Value = serde_json::from_str(data).unwrap();
        assert_eq!(answer["result"]["structuredContent"], json!({"a": [1, 2]}));
        // And the connection serves the next request.
        let next = client
            .send(&Post::call("add", json!({"a": 2, "b": 3})))
            .await;
        assert_eq!(next.text(), "5", "{}", running.name);
    }
}

#[tokio::test]
async fn handwritten_schemas_are_kept_byte_for_byte() {
    for running in all(&server()).await {
        let reply = send(&running, &Post::modern("tools/list", json!({}))).await;
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        let schema = "{\n  \"type\": \"object\",\r\n  \"properties\": {";
        assert!(text.contains(schema), "{}", running.name);
    }
}

#[tokio::test]
async fn several_calls_of_a_session_run_at_once() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let running = http_tests::hyper(service).await;
    let calls = (0..20).map(|number| {
        let post = legacy_talk(&session).id(json!(number));
        let address = running.address;
        tokio::spawn(async move {
            let reply = Client::connect(address).await.send(&post).await;
            assert_eq!(reply.events().last().unwrap()["id"], number);
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
}
