//! Events without a name, for readers that know lines that begin with `data:` alone.

use http::request::Parts;
use http_tests::{Client, Post, Probe, Reply, all, builder, hyper, open, server};
use mcp_tower::{
    AcceptPolicy, McpService, Principal, Quirks, Resolve, Resolved, Server, Unresolved,
};
use serde_json::{Value, json};

fn unnamed() -> Quirks {
    Quirks::new().unnamed_events()
}

fn meta() -> Value {
    json!({"progressToken": "p"})
}

fn talk() -> Value {
    json!({"name": "talk", "arguments": {}, "_meta": meta()})
}

fn modern_talk() -> Post {
    Post::modern_with("tools/call", talk(), meta())
}

/// The lines of a stream that are neither data nor blank nor a comment.
#[expect(clippy::unwrap_used, reason = "a test that fails panics")]
fn others(text: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(text).unwrap();
    let is_other =
        |line: &&str| !(line.is_empty() || line.starts_with("data: ") || line.starts_with(':'));
    text.lines().filter(is_other).map(str::to_owned).collect()
}

/// All that a call says, by its methods and its answer.
fn is_whole(reply: &Reply, answers: usize) {
    let events = reply.events();
    let is_answer = |event: &&Value| event.get("result").is_some();
    assert_eq!(
        events.iter().filter(is_answer).count(),
        answers,
        "{events:?}"
    );
    assert!(events.len() > answers, "{events:?}");
}

#[tokio::test]
async fn calls_are_told_in_lines_of_data_alone() {
    let by_default = server().without_sessions();
    let quirky = by_default.clone().quirks(unnamed());
    for (service, name) in [(by_default, Some("event: message")), (quirky, None)] {
        for running in all(&service).await {
            let batch = json!([
                {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": talk()},
                {"jsonrpc": "2.0", "id": 2, "method": "ping"},
            ]);
            let batch = Post::message(&batch).set("mcp-protocol-version", "2025-03-26");
            for (post, answers) in [
                (modern_talk(), 1),
                (Post::legacy("tools/call", talk()), 1),
                (batch, 2),
            ] {
                let reply = Client::connect(running.address).await.send(&post).await;
                is_whole(&reply, answers);
                let names = vec![name; reply.events().len()];
                let names: Vec<_> = names.into_iter().flatten().collect();
                assert_eq!(others(&reply.body), names, "{} {post:?}", running.name);
            }
        }
    }
}

#[tokio::test]
async fn an_event_is_one_line_and_a_blank_one() {
    let service = server().without_sessions().quirks(unnamed());
    let service = service.accept(AcceptPolicy::NamedOrEvents);
    let running = hyper(service).await;
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let ping = Post::message(&ping).set("accept", "text/event-stream");
    let reply = Client::connect(running.address).await.send(&ping).await;
    let expected = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n";
    assert_eq!(reply.body, expected);
}

/// The id of an event that has one, after its name if there is one.
#[expect(clippy::unwrap_used, reason = "a test that fails panics")]
fn id_of(event: &[u8], is_named: bool) -> String {
    let lines = others(event);
    assert_eq!(lines.len(), 1 + usize::from(is_named), "{lines:?}");
    assert!(!is_named || lines[1] == "event: message", "{lines:?}");
    lines[0].strip_prefix("id: ").unwrap().to_owned()
}

#[tokio::test]
async fn streams_of_a_session_keep_their_ids() {
    let probe = Probe::default();
    let server = probe.builder().build();
    let by_default = McpService::new(server.clone());
    let quirky = by_default.clone().quirks(unnamed());
    for (service, is_named) in [(by_default, true), (quirky, false)] {
        let running = hyper(service.clone()).await;
        let session = open(&service, "2025-06-18").await;
        let mut client = Client::connect(running.address).await;
        let call = json!({"name": "hold_loudly", "arguments": {}, "_meta": meta()});
        let call = Post::legacy("tools/call", call).session(&session);
        client.write(&call).await;
        client.head().await;
        let last = id_of(&client.chunk().await.unwrap(), is_named);
        probe.entered().await;
        drop(client);
        probe.release();
        probe.finished().await;
        // What was said to nobody.
        let get = Post::raw("").verb("GET").set("accept", "text/event-stream");
        let get = get.session(&session);
        let resume = get.clone().set("last-event-id", last);
        let rest = Client::connect(running.address).await.send(&resume).await;
        assert_eq!(rest.events().len(), 1);
        id_of(&rest.body, is_named);
        // What happens outside of calls.
        let mut standing = Client::connect(running.address).await;
        standing.write(&get).await;
        assert_eq!(standing.head().await.status, 200);
        server.tools_changed();
        id_of(&standing.chunk().await.unwrap(), is_named);
    }
}

/// One server under two names, one of which has no quirks.
struct ByHeader(Server);

impl Resolve for ByHeader {
    async fn resolve(&self, parts: &Parts, _: &Principal) -> Result<Resolved, Unresolved> {
        let resolved = Resolved::new(self.0.clone(), "any");
        Ok(match parts.headers.contains_key("x-plain") {
            true => resolved.quirks(Quirks::new()),
            false => resolved,
        })
    }
}

#[tokio::test]
async fn a_server_may_have_names_where_its_mount_has_none() {
    let service = McpService::resolved_by(ByHeader(builder().build()));
    let running = hyper(service.quirks(unnamed())).await;
    let post = modern_talk();
    for (post, has_names) in [(post.clone(), false), (post.add("x-plain", "1"), true)] {
        let reply = Client::connect(running.address).await.send(&post).await;
        is_whole(&reply, 1);
        assert_ne!(others(&reply.body).is_empty(), has_names);
    }
}
