//! Streams that were cut: a client that comes back has missed nothing.

use http_tests::{Client, Event, Post, Probe, Running, all, open};
use mcp_tower::{McpService, SessionOptions};
use serde_json::{Value, json};
use std::time::Duration;

fn call(tool: &str, session: &str) -> Post {
    let params = json!({"name": tool, "arguments": {}, "_meta": {"progressToken": "p"}});
    Post::legacy("tools/call", params).session(session)
}

fn get(session: &str) -> Post {
    Post::raw("")
        .verb("GET")
        .set("accept", "text/event-stream")
        .session(session)
}

fn resume(session: &str, last: &str) -> Post {
    get(session).set("last-event-id", last)
}

/// Starts a call, and reads its stream up to the first message.
async fn start(running: &Running, post: &Post) -> (Client, Event) {
    let mut client = Client::connect(running.address).await;
    client.write(post).await;
    let head = client.head().await;
    assert_eq!(
        (head.status, &head.headers["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    loop {
        let event = client.named_event().await.unwrap();
        if event.message.is_some() {
            return (client, event);
        }
    }
}

/// Comes back to a stream and reads it to its end.
async fn rest(running: &Running, session: &str, last: &str) -> Vec<Value> {
    let mut client = Client::connect(running.address).await;
    let reply = client.send(&resume(session, last)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.events()
}

fn text(message: &Value) -> &str {
    message["result"]["content"][0]["text"].as_str().unwrap()
}

#[tokio::test]
async fn a_stream_begins_with_a_name_where_clients_understand_it() {
    let probe = Probe::default();
    let service = probe.service();
    for running in all(&service).await {
        for (version, is_primed) in [("2025-11-25", true), ("2025-06-18", false)] {
            let session = open(&service, version).await;
            let mut client = Client::connect(running.address).await;
            client.write(&call("talk", &session)).await;
            client.head().await;
            let first = client.named_event().await.unwrap();
            assert!(first.id.is_some());
            assert_eq!(first.message.is_none(), is_primed, "{first:?}");
            assert_eq!(first.retry.is_some(), is_primed, "{first:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_nobody_heard_is_there_for_whoever_comes_back() {
    let probe = Probe::default();
    let service = probe.service();
    for running in all(&service).await {
        for version in ["2025-11-25", "2025-06-18", "2025-03-26"] {
            let session = open(&service, version).await;
            let (client, first) = start(&running, &call("hold_loudly", &session)).await;
            probe.entered().await;
            drop(client);
            probe.release();
            probe.finished().await;
            let rest = rest(&running, &session, &first.id.unwrap()).await;
            assert_eq!(rest.len(), 1);
            assert_eq!(text(&rest[0]), "held");
        }
    }
}

#[tokio::test]
async fn whoever_comes_back_early_waits_for_the_answer() {
    let probe = Probe::default();
    let service = probe.service();
    let session = open(&service, "2025-11-25").await;
    for running in all(&service).await {
        let (first_client, first) = start(&running, &call("hold_loudly", &session)).await;
        probe.entered().await;
        let last = first.id.unwrap();
        // The first connection is still there: it ends, since a stream has one reader.
        let mut clients = [first_client, Client::connect(running.address).await];
        clients[1].write(&resume(&session, &last)).await;
        assert_eq!(clients[1].head().await.status, 200);
        assert_eq!(clients[0].named_event().await, None);
        probe.release();
        let answer = clients[1].event().await.unwrap();
        assert_eq!(text(&answer), "held");
        assert_eq!(clients[1].named_event().await, None);
        // It can be read again, from any event on.
        assert_eq!(rest(&running, &session, &last).await, [answer]);
        probe.dropped().await;
    }
}

#[tokio::test]
async fn a_silent_call_opens_its_stream_after_a_while() {
    let probe = Probe::default();
    let options = SessionOptions::new().grace(Duration::from_millis(1));
    let service = probe.service().sessions(options);
    let session = open(&service, "2025-11-25").await;
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        client.write(&call("hold", &session)).await;
        client.head().await;
        let first = client.named_event().await.unwrap();
        assert_eq!(first.message, None);
        drop(client);
        probe.entered().await;
        probe.release();
        let rest = rest(&running, &session, &first.id.unwrap()).await;
        assert_eq!(text(&rest[0]), "held");
        probe.dropped().await;
    }
}

#[tokio::test]
async fn only_what_is_kept_can_be_read_again() {
    let probe = Probe::default();
    let options = SessionOptions::new().replay_events(2);
    let service = probe.service().sessions(options);
    let (mine, other) = (
        open(&service, "2025-11-25").await,
        open(&service, "2025-11-25").await,
    );
    for running in all(&service).await {
        let (mut client, first) = start(&running, &call("talk", &mine)).await;
        let mut last = first.id.clone().unwrap();
        while let Some(event) = client.named_event().await {
            last = event.id.unwrap();
        }
        let refused = [
            ("too long ago", first.id.unwrap(), &mine, 400),
            ("not yet", format!("{last}0"), &mine, 400),
            ("never", "0123456789abcdefc0.0".to_owned(), &mine, 400),
            ("no name", "7".to_owned(), &mine, 400),
            ("another session's", last.clone(), &other, 400),
        ];
        for (why, last, session, status) in refused {
            let mut client = Client::connect(running.address).await;
            let reply = client.send(&resume(session, &last)).await;
            assert_eq!(reply.status, status, "{why}: {reply:?}");
        }
        let mut client = Client::connect(running.address).await;
        let foreign = resume(&mine, &last).set("x-user", "bob");
        assert_eq!(client.send(&foreign).await.status, 404);
        // After the last event nothing follows.
        assert_eq!(rest(&running, &mine, &last).await, [] as [Value; 0]);
    }
}

#[tokio::test]
async fn what_changed_meanwhile_is_told_to_whoever_comes_back() {
    let probe = Probe::default();
    let server = probe.builder().build();
    let service = McpService::new(server.clone());
    for running in all(&service).await {
        let session = open(&service, "2025-11-25").await;
        let mut client = Client::connect(running.address).await;
        client.write(&get(&session)).await;
        assert_eq!(client.head().await.status, 200);
        let primed = client.named_event().await.unwrap();
        server.tools_changed();
        let told = client.named_event().await.unwrap();
        assert_eq!(
            told.message.unwrap()["method"],
            "notifications/tools/list_changed"
        );
        drop(client);
        server.prompts_changed();
        // What was on its way, and what nobody listened to.
        let mut client = Client::connect(running.address).await;
        loop {
            client
                .write(&resume(&session, primed.id.as_ref().unwrap()))
                .await;
            if client.head().await.status == 200 {
                break;
            }
            client = Client::connect(running.address).await;
        }
        for list in ["tools", "prompts"] {
            let told = client.event().await.unwrap();
            assert_eq!(told["method"], format!("notifications/{list}/list_changed"));
        }
    }
}

#[tokio::test]
async fn streams_that_were_cut_side_by_side_are_not_mixed() {
    let probe = Probe::default();
    let service = probe.service();
    for running in all(&service).await {
        let session = open(&service, "2025-11-25").await;
        let talk = |id: i64| {
            call("talk", &session).edit(|message| {
                message["id"] = json!(id);
                message["params"]["_meta"]["progressToken"] = json!(id);
            })
        };
        // Both are cut after their first message, and have several to come.
        let (first, one) = start(&running, &talk(1)).await;
        let (second, two) = start(&running, &talk(2)).await;
        drop((first, second));
        for (id, last) in [(2, two.id.unwrap()), (1, one.id.unwrap())] {
            let events = rest(&running, &session, &last).await;
            let (answer, told) = events.split_last().unwrap();
            assert_eq!((&answer["id"], text(answer)), (&json!(id), "told"));
            assert!(told.len() > 1, "{told:?}");
            for message in told {
                let token = &message["params"]["progressToken"];
                assert!(token.is_null() || token == id, "{message}");
            }
        }
    }
}
