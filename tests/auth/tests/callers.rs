//! Who was let in: what handlers know of them, and what is theirs alone.

use auth_tests::{ISSUER, Issuer, auth, claims, server, service};
use http_tests::{Client, LEGACY, Post, all};
use mcp_tower::{
    Extension, McpService, Server,
    auth::{Auth, Identity, validate_with},
    core::Scopes,
    mcp_tool,
};
use serde_json::{Value, json};

fn by(post: Post, token: &str) -> Post {
    post.add("authorization", format!("bearer {token}"))
}

fn whoami() -> Post {
    Post::call("whoami", json!({}))
}

/// The three kinds of operations, and where each has its text.
fn operations() -> [(Post, &'static str); 3] {
    let prompt = Post::modern("prompts/get", json!({"name": "whoami_prompt"}));
    let resource = Post::modern("resources/read", json!({"uri": "who://am-i"}));
    [
        (whoami(), "/content/0/text"),
        (prompt, "/messages/0/content/text"),
        (resource, "/contents/0/text"),
    ]
}

#[tokio::test]
async fn the_caller_reaches_every_operation_and_the_token_none() {
    let issuer = Issuer::new("one");
    for running in all(&service(&issuer)).await {
        let mut client = Client::connect(running.address).await;
        for (post, text) in operations() {
            // What a layer outside thinks of the caller does not count.
            let post = by(post.add("x-user", "mallory"), &issuer.token("ada"));
            let result = client.send(&post).await.result();
            let text = result.pointer(text).and_then(Value::as_str).unwrap();
            let told: Value = serde_json::from_str(text).unwrap();
            let expected = json!({
                "subject": "ada", "issuer": ISSUER, "claim": "ada",
                "scopes": "notes:read", "authorization": false,
            });
            assert_eq!(told, expected, "{}", running.name);
        }
    }
}

#[tokio::test]
async fn what_is_optional_is_still_checked() {
    let issuer = Issuer::new("one");
    let service = McpService::new(server()).authorize(auth(&issuer).optional());
    let token = issuer.token("ada");
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let told: Value = serde_json::from_str(&client.send(&whoami()).await.text()).unwrap();
        assert_eq!(told["subject"], Value::Null);
        assert_eq!(told["scopes"], Value::Null);
        let basic = whoami().add("authorization", "Basic YTpi");
        let told: Value = serde_json::from_str(&client.send(&basic).await.text()).unwrap();
        assert_eq!(told["authorization"], false);
        let told = client.send(&by(whoami(), &token)).await.text();
        assert!(told.contains(r#""subject":"ada""#), "{told}");
        assert_eq!(client.send(&by(whoami(), "garbage")).await.status, 401);
        let query = whoami().path(&format!("/mcp?access_token={token}"));
        // The axum and tonic mounts compare paths, not queries.
        assert_eq!(client.send(&query).await.status, 401, "{}", running.name);
    }
}

#[tokio::test]
async fn a_token_stays_only_if_that_was_asked_for() {
    let issuer = Issuer::new("one");
    let service = McpService::new(server()).authorize(auth(&issuer).keep_token());
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let told = client
            .send(&by(whoami(), &issuer.token("ada")))
            .await
            .text();
        assert!(told.contains(r#""authorization":true"#), "{told}");
    }
}

#[tokio::test]
async fn scopes_imply_others() {
    let issuer = Issuer::new("one");
    let auth = auth(&issuer)
        .require("notes:write".parse().unwrap())
        .expand_scopes(|granted| {
            let implied = granted.contains("admin").then_some("notes:write");
            granted.iter().chain(implied).collect::<Scopes>()
        });
    for running in all(&McpService::new(server()).authorize(auth.clone())).await {
        let mut client = Client::connect(running.address).await;
        let admin = issuer.token_with("scope", json!("admin"));
        let told: Value =
            serde_json::from_str(&client.send(&by(whoami(), &admin)).await.text()).unwrap();
        assert_eq!(told["scopes"], "admin notes:write");
        let reader = issuer.token("ada");
        assert_eq!(client.send(&by(whoami(), &reader)).await.status, 403);
    }
}

#[derive(Clone)]
struct User(&'static str);

/// Tell the application's own user.
#[mcp_tool]
async fn user(Extension(user): Extension<User>) -> &'static str {
    user.0
}

#[tokio::test]
async fn the_applications_own_user_reaches_tools() {
    let validator = validate_with(|_| async {
        let identity = Identity::new(mcp_tower::Principal::new("app", "7"));
        Ok(identity.with_extension(User("Ada Lovelace")))
    });
    let server = Server::builder("users", "1").tool(user).build();
    let service = McpService::new(server).authorize(Auth::new(validator, auth_tests::metadata()));
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let post = by(Post::call("user", json!({})), "x");
        assert_eq!(client.send(&post).await.text(), "Ada Lovelace");
    }
}

#[tokio::test]
async fn a_session_is_its_openers_and_every_request_needs_a_token() {
    let issuer = Issuer::new("one");
    let (ada, bob) = (issuer.token("ada"), issuer.token("bob"));
    for running in all(&service(&issuer)).await {
        for version in LEGACY {
            let mut client = Client::connect(running.address).await;
            let opened = client.send(&by(Post::initialize(version), &ada)).await;
            let id = opened.header("mcp-session-id").to_owned();
            let ping = Post::legacy("ping", json!({})).session(&id);
            assert_eq!(client.send(&ping).await.status, 401);
            assert_eq!(client.send(&by(ping.clone(), &bob)).await.status, 404);
            let get = Post::raw("").verb("GET").session(&id);
            assert_eq!(client.send(&by(get, &bob)).await.status, 404);
            let delete = Post::raw("").verb("DELETE").session(&id);
            assert_eq!(client.send(&by(delete, &bob)).await.status, 404);
            // The same subject of another issuer is somebody else; so is an expired self.
            let expired = issuer.token_with("exp", json!(1));
            assert_eq!(client.send(&by(ping.clone(), &expired)).await.status, 401);
            // Another token of the same caller will do.
            let fresh = issuer.token_with("jti", json!("fresh"));
            assert_eq!(client.send(&by(ping, &fresh)).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_cursor_and_a_state_are_useless_to_others() {
    let issuer = Issuer::new("one");
    let (ada, bob) = (issuer.token("ada"), issuer.token("bob"));
    for running in all(&service(&issuer)).await {
        let mut client = Client::connect(running.address).await;
        let list = |cursor: Option<&Value>| {
            let params = cursor.map_or(json!({}), |cursor| json!({"cursor": cursor}));
            Post::modern("tools/list", params)
        };
        let first = client.send(&by(list(None), &ada)).await.result();
        let next = list(Some(&first["nextCursor"]));
        let foreign = client.send(&by(next.clone(), &bob)).await.json();
        assert_eq!(foreign["error"]["code"], -32602, "{foreign}");
        assert!(client.send(&by(next, &ada)).await.result()["tools"].is_array());

        let pay = |state: Option<&Value>| {
            let mut params = json!({"name": "pay", "arguments": {}});
            if let Some(state) = state {
                params["requestState"] = state.clone();
                params["inputResponses"] = json!({"pay": {"action": "accept"}});
            }
            Post::modern("tools/call", params).meta(
                "clientCapabilities",
                Some(json!({"elicitation": {"url": {}}})),
            )
        };
        let asked = client.send(&by(pay(None), &ada)).await.result();
        let again = pay(Some(&asked["requestState"]));
        let foreign = client.send(&by(again.clone(), &bob)).await.json();
        assert_eq!(foreign["error"]["code"], -32602, "{foreign}");
        assert_eq!(client.send(&by(again, &ada)).await.text(), "agreed");
    }
}

#[tokio::test]
async fn a_listener_is_let_in_like_anybody_else() {
    let issuer = Issuer::new("one");
    let listen = || {
        let wanted = json!({"notifications": {"toolsListChanged": true}});
        Post::modern("subscriptions/listen", wanted)
    };
    for running in all(&service(&issuer)).await {
        let mut client = Client::connect(running.address).await;
        assert_eq!(client.send(&listen()).await.status, 401);
        let mut expired = claims();
        expired["exp"] = json!(1);
        let expired = by(listen(), &issuer.sign(&expired));
        assert_eq!(client.send(&expired).await.status, 401);
        client.write(&by(listen(), &issuer.token("ada"))).await;
        assert_eq!(client.head().await.status, 200);
        assert!(client.event().await.is_some());
    }
}
