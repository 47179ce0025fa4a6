//! Two sessions that use the same request ids and tokens at the same time: nothing of one ever
//! touches the other, whether they are of one caller or of two.

use http_tests::{Client, Name, Post, Probe, Reply, Running, hyper, until_idle, used};
use mcp_tower::{
    Context, LogLevel, McpService, Server, State, ToolError,
    core::governor::{Budget, Governor},
    mcp_tool,
};
use serde_json::{Value, json};

/// Speaks of its caller, then asks who that is.
#[mcp_tool]
async fn interview(caller: String, cx: Context) -> Result<String, ToolError> {
    cx.progress(1.0).message(caller.clone()).await;
    cx.log(LogLevel::Debug, &caller).await;
    let answer: Name = cx.elicit("name", "Who are you?").await?;
    Ok(format!("{caller} is {}", answer.name))
}

/// Speaks of its caller, and waits to be released.
#[mcp_tool]
async fn hold_for(caller: String, State(probe): State<Probe>, cx: Context) -> String {
    cx.progress(1.0).message(caller.clone()).await;
    probe.hold().await;
    caller
}

/// A mount and what the tests see of it.
struct World {
    running: Running,
    server: Server,
    probe: Probe,
    governor: Governor,
}

impl World {
    async fn new() -> Self {
        let (probe, governor) = (Probe::default(), Governor::default());
        let builder = probe.builder().tool(interview).tool(hold_for);
        let server = builder.build();
        let service = McpService::new(server.clone()).governor(governor.clone());
        Self {
            running: hyper(service).await,
            server,
            probe,
            governor,
        }
    }

    /// Two sessions: of nobody in particular, of one caller, and of two.
    async fn pairs(&self) -> Vec<[Party<'_>; 2]> {
        let mut pairs = Vec::new();
        for users in [
            [None, None],
            [Some("ada"), Some("ada")],
            [Some("ada"), Some("bob")],
        ] {
            let [one, other] = users;
            pairs.push([
                Party::new(self, "one", one).await,
                Party::new(self, "other", other).await,
            ]);
        }
        pairs
    }
}

/// One session, and who speaks in it.
struct Party<'a> {
    running: &'a Running,
    name: &'static str,
    user: Option<&'static str>,
    session: String,
}

impl<'a> Party<'a> {
    async fn new(world: &'a World, name: &'static str, user: Option<&'static str>) -> Self {
        let mut party = Self {
            running: &world.running,
            name,
            user,
            session: String::new(),
        };
        let post = Post::initialize("2025-11-25");
        let post = post.edit(|message| {
            message["params"]["capabilities"] = json!({"elicitation": {}});
        });
        let opened = party.send(post.without("mcp-session-id")).await;
        opened
            .header("mcp-session-id")
            .clone_into(&mut party.session);
        party
    }

    /// What this party sends, as its own.
    fn sign(&self, post: Post) -> Post {
        let post = match self.user {
            Some(user) => post.set("x-user", user),
            None => post,
        };
        if self.session.is_empty() {
            return post;
        }
        post.session(&self.session)
    }

    async fn send(&self, post: Post) -> Reply {
        let mut client = Client::connect(self.running.address).await;
        client.send(&self.sign(post)).await
    }

    async fn stream(&self, post: Post) -> Client {
        let mut client = Client::connect(self.running.address).await;
        client.write(&self.sign(post)).await;
        assert_eq!(client.head().await.status, 200);
        client
    }

    /// A call with the id and the token that everybody uses.
    async fn call(&self, tool: &str) -> Client {
        let arguments = json!({"caller": self.name});
        let meta = json!({"progressToken": "p"});
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
        self.stream(Post::legacy("tools/call", params)).await
    }

    async fn listen(&self) -> Client {
        self.stream(get(None)).await
    }

    async fn request(&self, method: &str, params: Value) {
        self.send(Post::legacy(method, params)).await.result();
    }

    async fn answer(&self, question: &Value, name: &str) {
        let result = json!({"action": "accept", "content": {"name": name}});
        let answer = json!({"jsonrpc": "2.0", "id": question, "result": result});
        assert_eq!(self.send(Post::message(&answer)).await.status, 202);
    }
}

fn get(last: Option<&str>) -> Post {
    let get = Post::raw("").verb("GET").set("accept", "text/event-stream");
    match last {
        Some(last) => get.set("last-event-id", last),
        None => get,
    }
}

fn text(message: &Value) -> &str {
    message["result"]["content"][0]["text"].as_str().unwrap()
}

#[tokio::test]
async fn a_cancellation_stops_ones_own_call() {
    let world = World::new().await;
    for [one, other] in &world.pairs().await {
        let mut mine = one.call("hold_for").await;
        world.probe.entered().await;
        let mut theirs = other.call("hold_for").await;
        world.probe.entered().await;
        let cancel = Post::notification("notifications/cancelled", json!({"requestId": 1}));
        assert_eq!(one.send(cancel).await.status, 202);
        world.probe.dropped().await;
        assert_eq!(
            mine.event().await.unwrap()["method"],
            "notifications/progress"
        );
        assert_eq!(mine.event().await, None);
        world.probe.release();
        theirs.event().await.unwrap();
        assert_eq!(text(&theirs.event().await.unwrap()), "other");
        world.probe.dropped().await;
    }
}

#[tokio::test]
async fn a_log_level_is_ones_own() {
    let world = World::new().await;
    for [one, other] in &world.pairs().await {
        let talk = || Post::legacy_call("talk", json!({}));
        one.request("logging/setLevel", json!({"level": "debug"}))
            .await;
        assert_eq!(one.send(talk()).await.events().len(), 3);
        assert_eq!(other.send(talk()).await.events().len(), 2);
        other
            .request("logging/setLevel", json!({"level": "error"}))
            .await;
        assert_eq!(one.send(talk()).await.events().len(), 3);
        // Nothing is left to say before the answer.
        assert_eq!(other.send(talk()).await.text(), "told");
        assert_eq!(
            other.send(talk()).await.header("content-type"),
            "application/json"
        );
    }
}

#[tokio::test]
async fn progress_and_answers_to_questions_are_ones_own() {
    let world = World::new().await;
    for [one, other] in &world.pairs().await {
        let (mut mine, mut theirs) = (one.call("interview").await, other.call("interview").await);
        let mut questions = Vec::new();
        for (party, stream) in [(one, &mut mine), (other, &mut theirs)] {
            let progress = stream.event().await.unwrap();
            assert_eq!(progress["params"]["message"], party.name);
            assert_eq!(progress["params"]["progressToken"], "p");
            let question = stream.event().await.unwrap();
            assert_eq!(question["method"], "elicitation/create");
            questions.push(question["id"].clone());
        }
        // Answers in the wrong session are taken, and reach nobody.
        one.answer(&questions[1], "a thief").await;
        other.answer(&questions[0], "a thief").await;
        assert_eq!(used(&world.governor, Budget::Questions), 2);
        other.answer(&questions[1], "the other").await;
        assert_eq!(text(&theirs.event().await.unwrap()), "other is the other");
        one.answer(&questions[0], "the one").await;
        assert_eq!(text(&mine.event().await.unwrap()), "one is the one");
    }
}

#[tokio::test]
async fn replay_is_ones_own() {
    let world = World::new().await;
    for [one, other] in &world.pairs().await {
        let mut cut = Vec::new();
        for party in [one, other] {
            let mut stream = party.call("hold_for").await;
            world.probe.entered().await;
            let primed = stream.named_event().await.unwrap();
            drop(stream);
            world.probe.release();
            world.probe.finished().await;
            cut.push(primed.id.unwrap());
        }
        for (party, mine, theirs) in [(one, &cut[0], &cut[1]), (other, &cut[1], &cut[0])] {
            // Another session's stream is unknown; another caller's session is, too.
            assert_eq!(party.send(get(Some(theirs))).await.status, 400);
            let foreign = party.sign(get(Some(mine))).set("x-user", "eve");
            let mut eve = Client::connect(world.running.address).await;
            assert_eq!(eve.send(&foreign).await.status, 404);
            let rest = party.send(get(Some(mine))).await.events();
            assert_eq!(rest[0]["params"]["message"], party.name);
            assert_eq!(text(&rest[1]), party.name);
            assert_eq!(rest.len(), 2);
        }
    }
}

#[tokio::test]
async fn a_standing_stream_is_ones_own() {
    let world = World::new().await;
    for [one, other] in &world.pairs().await {
        let mut mine = one.listen().await;
        let primed = mine.named_event().await.unwrap().id.unwrap();
        one.request("resources/subscribe", json!({"uri": "page://1"}))
            .await;
        world.server.resource_updated("page://1");
        assert_eq!(mine.event().await.unwrap()["params"]["uri"], "page://1");
        // Who comes with a name of another's stream gets a stream of their own: they are told that
        // lists may have changed, and nothing of what the other one was told.
        let mut theirs = other.stream(get(Some(&primed))).await;
        world.server.tools_changed();
        let mut seen = Vec::new();
        while !seen
            .iter()
            .any(|told| *told == json!("notifications/resources/list_changed"))
        {
            seen.push(theirs.event().await.unwrap()["method"].take());
        }
        assert!(!seen.contains(&json!("notifications/resources/updated")));
        // And the other one keeps theirs.
        let changed = mine.event().await.unwrap();
        assert_eq!(changed["method"], "notifications/tools/list_changed");
    }
}

#[tokio::test]
async fn subscriptions_are_ones_own() {
    let world = World::new().await;
    for [one, other] in &world.pairs().await {
        let (mut mine, mut theirs) = (one.listen().await, other.listen().await);
        let on = |uri: &str| json!({"uri": uri});
        one.request("resources/subscribe", on("page://1")).await;
        other.request("resources/subscribe", on("page://2")).await;
        for party in [one, other] {
            party.request("resources/subscribe", on("page://0")).await;
        }
        // Each hears of their own first, though the other's came before.
        world.server.resource_updated("page://1");
        let told = mine.event().await.unwrap();
        assert_eq!(told["params"], on("page://1"));
        world.server.resource_updated("page://2");
        let told = theirs.event().await.unwrap();
        assert_eq!(told["params"], on("page://2"));
        // Who leaves takes nobody along.
        one.request("resources/unsubscribe", on("page://0")).await;
        world.server.resource_updated("page://0");
        let told = theirs.event().await.unwrap();
        assert_eq!(told["params"], on("page://0"));
        world.server.resource_updated("page://1");
        let told = mine.event().await.unwrap();
        assert_eq!(told["params"], on("page://1"));
    }
}

#[tokio::test]
async fn who_ends_a_session_ends_ones_own() {
    let world = World::new().await;
    for [one, other] in &world.pairs().await {
        let mut mine = one.call("hold_for").await;
        world.probe.entered().await;
        let mut theirs = other.call("hold_for").await;
        world.probe.entered().await;
        let delete = || Post::raw("").verb("DELETE");
        assert_eq!(one.send(delete()).await.status, 204);
        world.probe.dropped().await;
        while let Some(message) = mine.event().await {
            assert!(message.get("result").is_none(), "{message}");
        }
        world.probe.release();
        theirs.event().await.unwrap();
        assert_eq!(text(&theirs.event().await.unwrap()), "other");
        world.probe.dropped().await;
        let ping = || Post::legacy("ping", json!({}));
        assert_eq!(one.send(ping()).await.status, 404);
        assert_eq!(other.send(ping()).await.status, 200);
        assert_eq!(other.send(delete()).await.status, 204);
        until_idle(&world.governor).await;
    }
}
