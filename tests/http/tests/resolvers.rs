//! One endpoint for many servers: who answers is decided for each request.

use http::{HeaderValue, Response, request::Parts};
use http_tests::{Client, Post, Tenant, all, builder, open};
use mcp_tower::{
    AcceptPolicy, McpService, PeerAddr, Principal, Resolve, Resolved, Server, Unresolved,
    core::Refusal, mcp_tool,
};
use serde_json::json;

/// Say which server this is.
#[mcp_tool]
async fn first() -> &'static str {
    "first"
}

/// Say which server this is.
#[mcp_tool]
async fn second() -> &'static str {
    "second"
}

/// Chooses by a header, and for one caller by who calls.
struct ByHeader {
    first: Server,
    second: Server,
}

impl Resolve for ByHeader {
    async fn resolve(&self, parts: &Parts, principal: &Principal) -> Result<Resolved, Unresolved> {
        // A real one would ask a database.
        tokio::task::yield_now().await;
        assert_eq!(parts.extensions.get(), Some(&Tenant("acme")));
        assert!(parts.extensions.get::<PeerAddr>().is_some());
        if principal.subject() == Some("ada") {
            return Ok(Resolved::new(self.second.clone(), "second"));
        }
        let name = parts.headers.get("x-server");
        let name = name.and_then(|name| name.to_str().ok());
        match name.unwrap_or_default() {
            "first" => Ok(Resolved::new(self.first.clone(), "first")),
            "second" => Ok(Resolved::new(self.second.clone(), "second")),
            // The same server under another name.
            "third" => Ok(Resolved::new(self.first.clone(), "third")),
            "events" => {
                let resolved = Resolved::new(self.first.clone(), "events");
                Ok(resolved.accept(AcceptPolicy::NamedOrEvents))
            }
            "secret" => {
                let challenge = HeaderValue::from_static("Basic realm=\"secret\"");
                let refusal = Refusal::forbidden("not yours");
                Err(refusal.with_challenge(challenge).into())
            }
            "own" => {
                let own = Response::builder().status(410).header("x-own", "yes");
                Err(own.body("{\"error\":\"gone\"}".into()).unwrap().into())
            }
            _ => Err(Unresolved::unknown()),
        }
    }
}

fn service() -> McpService {
    let builder = || builder().page_size(1);
    McpService::resolved_by(ByHeader {
        first: builder().tool(first).build(),
        second: builder().tool(second).build(),
    })
}

#[tokio::test]
async fn the_resolver_picks_the_server() {
    for running in all(&service()).await {
        let mut client = Client::connect(running.address).await;
        for name in ["first", "second"] {
            let call = Post::call(name, json!({}));
            assert_eq!(
                client
                    .send(&call.clone().set("x-server", name))
                    .await
                    .text(),
                name
            );
            let wrong = if name == "first" { "second" } else { "first" };
            let reply = client.send(&call.set("x-server", wrong)).await;
            assert_eq!(reply.json()["error"]["code"], -32602);
        }
        let ada = Post::call("second", json!({})).set("x-user", "ada");
        assert_eq!(client.send(&ada).await.text(), "second");
        for nobody in [None, Some("nothing")] {
            let mut post = Post::call("first", json!({}));
            if let Some(name) = nobody {
                post = post.set("x-server", name);
            }
            let reply = client.send(&post).await;
            assert_eq!(reply.status, 404, "{}", running.name);
            assert!(reply.json()["error"].is_object());
        }
    }
}

#[tokio::test]
async fn the_resolver_answers_when_there_is_no_server() {
    for running in all(&service()).await {
        let mut client = Client::connect(running.address).await;
        let call = |server: &str| Post::call("first", json!({})).set("x-server", server);
        let refused = client.send(&call("secret")).await;
        assert_eq!(refused.status, 403, "{}", running.name);
        assert!(refused.header("www-authenticate").starts_with("Basic"));
        assert!(refused.json()["error"]["message"].is_string());
        let own = client.send(&call("own")).await;
        assert_eq!((own.status, own.header("x-own")), (410, "yes"));
        assert_eq!(own.json(), json!({"error": "gone"}));
        let deleted = client.send(&call("own").verb("DELETE")).await;
        assert_eq!(deleted.status, 410);
    }
}

#[tokio::test]
async fn a_server_may_answer_in_another_way_than_its_mount() {
    for running in all(&service()).await {
        let mut client = Client::connect(running.address).await;
        let call = |server: &str| {
            let post = Post::call("first", json!({})).set("x-server", server);
            post.set("accept", "*/*")
        };
        for (server, kind) in [
            ("first", "application/json"),
            ("events", "text/event-stream"),
        ] {
            let reply = client.send(&call(server)).await;
            assert_eq!(reply.header("content-type"), kind, "{}", running.name);
            assert_eq!(reply.text(), "first");
        }
    }
}

#[tokio::test]
async fn the_mount_is_part_of_the_key_of_a_session() {
    for running in all(&service()).await {
        let mut client = Client::connect(running.address).await;
        let initialize = Post::initialize("2025-11-25").set("x-server", "first");
        let opened = client.send(&initialize).await;
        let session = opened.header("mcp-session-id").to_owned();
        let ping = |server: &str| {
            let post = Post::legacy("ping", json!({})).session(&session);
            post.set("x-server", server)
        };
        for (server, status) in [("first", 200), ("second", 404), ("third", 404)] {
            let reply = client.send(&ping(server)).await;
            assert_eq!(reply.status, status, "{} {server}", running.name);
        }
        let delete = |server: &str| ping(server).verb("DELETE");
        assert_eq!(client.send(&delete("second")).await.status, 404);
        assert_eq!(client.send(&ping("first")).await.status, 200);
        assert_eq!(client.send(&delete("first")).await.status, 204);
    }
}

#[tokio::test]
async fn the_mount_is_part_of_the_key_of_a_cursor() {
    let running = http_tests::hyper(service()).await;
    let mut client = Client::connect(running.address).await;
    let list = |server: &str, params| Post::modern("tools/list", params).set("x-server", server);
    let page = client.send(&list("first", json!({}))).await.result();
    let cursor = json!({"cursor": page["nextCursor"]});
    for (server, served) in [("first", true), ("second", false), ("third", false)] {
        let reply = client.send(&list(server, cursor.clone())).await;
        assert_eq!(reply.json().get("result").is_some(), served, "{server}");
    }
}

#[tokio::test]
async fn mounts_with_names_share_no_sessions() {
    // The same server, and so the same keys, mounted twice.
    let server = builder().build();
    let one = McpService::new(server.clone()).mount("one");
    let other = McpService::new(server).mount("other");
    let session = open(&one, "2025-11-25").await;
    let ping = Post::legacy("ping", json!({})).session(&session);
    for (service, status) in [(one, 200), (other, 404)] {
        let running = http_tests::axum(service).await;
        let reply = Client::connect(running.address).await.send(&ping).await;
        assert_eq!(reply.status, status);
    }
}
