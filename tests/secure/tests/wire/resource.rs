//! The resource server: whose tokens it takes, and what it says to the others.

use http::Request;
use secure::Clock;
use secure_tests::{Answer, Authorization, Registered, System, Tokens, parameters};
use serde_json::{Value, json};

fn metadata_of(system: &System) -> String {
    format!(
        r#"resource_metadata="{}/.well-known/oauth-protected-resource/mcp""#,
        system.url()
    )
}

/// A token is refused, and the caller is told where to get a good one.
async fn assert_invalid(system: &System, token: &str) {
    let answer = system.mcp(Some(token)).call("whoami", json!({})).await;
    let metadata = metadata_of(system);
    let challenge = format!(r#"Bearer {metadata}, scope="notes:read", error="invalid_token""#);
    assert_eq!((answer.status.as_u16(), answer.challenge), (401, challenge));
    assert!(!answer.body.to_string().contains(token));
}

#[tokio::test]
async fn who_has_no_token_is_told_where_to_get_one() {
    let system = System::start().await;
    let stranger = system.mcp(None);
    let challenge = format!(r#"Bearer {}, scope="notes:read""#, metadata_of(&system));
    let answer = stranger.call("whoami", json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.challenge),
        (401, challenge.clone())
    );
    for reply in [
        stranger.bare("GET", &[]).await,
        stranger.bare("DELETE", &[]).await,
        stranger.clone().initialize().await,
    ] {
        assert_eq!(reply.status, 401);
        assert_eq!(reply.header("www-authenticate"), challenge);
    }
}

#[tokio::test]
async fn the_document_about_the_resource_is_at_both_places() {
    let system = System::start().await;
    for path in ["", "/mcp"] {
        let path = format!("/.well-known/oauth-protected-resource{path}");
        let reply = system.client.get(&path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        let document = reply.json().await;
        assert_eq!(document["resource"], system.resource());
        assert_eq!(document["authorization_servers"], json!([system.url()]));
        assert_eq!(document["scopes_supported"], json!(["notes:read"]));
        assert_eq!(document["bearer_methods_supported"], json!(["header"]));
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_none() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let path = format!("/mcp?{}", parameters([("access_token", token.as_str())]));
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    assert_eq!(system.client.post_json(&path, &message).await.status, 401);
}

#[tokio::test]
async fn tokens_that_are_no_tokens_of_ours_are_refused() {
    let system = System::start().await;
    let elsewhere = System::start().await;
    let good = system.grant("ada", "notes:read").await.access;
    let (payload, _) = good.rsplit_once('.').unwrap();
    let foreign = elsewhere.grant("ada", "notes:read").await.access;
    let (_, foreign_signature) = foreign.rsplit_once('.').unwrap();
    for token in [
        "garbage",
        "a.b.c",
        &foreign,
        &format!("{payload}.{foreign_signature}"),
        &format!("{payload}."),
    ] {
        assert_invalid(&system, token).await;
    }
    let answer = system.mcp(Some(&good)).call("whoami", json!({})).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_token_for_another_resource_is_refused() {
    let other = "https://other.example/mcp";
    let system = System::with(|options| options.other_resources.push(other.to_owned())).await;
    let client = system.register().await;
    let asked = Authorization::new(&system, &client, "notes:read").with("resource", other);
    let code = asked.code(&system).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", secure_tests::VERIFIER),
        ("redirect_uri", secure_tests::REDIRECT),
        ("resource", other),
    ];
    let tokens = Tokens::of(system.token(&client, &pairs).await).await;
    assert_invalid(&system, &tokens.access).await;
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let clock = Clock::new(|| Clock::system().now() - 3_600);
    let system = System::with(|options| options.clock = clock).await;
    let tokens = system.grant("ada", "notes:read").await;
    assert_invalid(&system, &tokens.access).await;
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let system = System::start().await;
    let tokens = system.grant("ada", "notes:read").await;
    assert_invalid(&system, &tokens.refresh.unwrap()).await;
}

#[tokio::test]
async fn revoking_either_token_ends_both() {
    let system = System::start().await;
    for access in [true, false] {
        let client = system.register().await;
        let code = Authorization::new(&system, &client, "notes:read")
            .code(&system)
            .await;
        let tokens = Tokens::of(system.redeem(&client, &code).await).await;
        let refresh = tokens.refresh.unwrap();
        let revoked = if access { &tokens.access } else { &refresh };
        let revoke = |client: &Registered| {
            let form = parameters([("token", revoked.as_str()), ("client_id", &client.id)]);
            let client = system.client.clone();
            async move { client.post_form("/revoke", form).await.status }
        };
        assert_eq!(
            revoke(&system.register().await).await,
            200,
            "somebody else's: nothing happens"
        );
        let answer = system
            .mcp(Some(&tokens.access))
            .call("whoami", json!({}))
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(revoke(&client).await, 200);
        assert_invalid(&system, &tokens.access).await;
        assert_eq!(system.refresh(&client, &refresh).await.status, 400);
    }
}

#[tokio::test]
async fn keys_change_under_tokens_that_stay_good() {
    let system = System::start().await;
    let before = system.grant("ada", "notes:read").await.access;
    assert_eq!(
        system
            .mcp(Some(&before))
            .call("whoami", json!({}))
            .await
            .status,
        200
    );
    system.running.issuer().rotate_keys().unwrap();
    let after = system.grant("ada", "notes:read").await.access;
    for token in [before, after] {
        assert_eq!(
            system
                .mcp(Some(&token))
                .call("whoami", json!({}))
                .await
                .status,
            200
        );
    }
    let keys = system.client.get("/jwks.json").await.json().await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_lacks_a_scope_is_told_all_it_needs_before_anything_else() {
    let system = System::start().await;
    let metadata = metadata_of(&system);
    let reader = system.grant("ada", "notes:read").await.access;
    let mut session = system.mcp(Some(&reader));
    session.initialize().await;
    // The arguments are wrong, too: that comes second.
    let params = json!({"name": "notes_write", "arguments": {}});
    let modern = session
        .modern("tools/call", Some("notes_write"), params.clone())
        .await;
    let legacy = session.legacy(7, "tools/call", params).await;
    for reply in [modern, legacy] {
        let answer = Answer::of(reply).await;
        assert_eq!(answer.status, 403);
        assert!(
            answer
                .challenge
                .starts_with(r#"Bearer error="insufficient_scope", "#)
        );
        assert!(
            answer.challenge.contains(r#"scope="notes:write""#),
            "{}",
            answer.challenge
        );
        assert!(answer.challenge.contains(&metadata), "{}", answer.challenge);
        assert!(answer.body["error"].is_object());
    }
    let answer = session.call("notes_purge", json!({})).await;
    assert!(
        answer.challenge.contains(r#"scope="admin""#),
        "{}",
        answer.challenge
    );
    // Lists show what a caller could step up to.
    let tools = session
        .modern("tools/list", None, json!({}))
        .await
        .json()
        .await;
    let names = tools["result"]["tools"].as_array().unwrap().iter();
    assert!(names.into_iter().any(|tool| tool["name"] == "notes_purge"));
}

#[tokio::test]
async fn a_note_is_its_writers_alone_by_tool_resource_and_prompt() {
    let system = System::start().await;
    // `admin` implies what is less.
    let admin = system.grant("ada", "admin").await.access;
    let admin = system.mcp(Some(&admin));
    let note = admin
        .call("notes_write", json!({"title": "Tea", "text": "is hot"}))
        .await;
    let id = note.structured()["id"].as_str().unwrap().to_owned();
    let uri = format!("notes://{id}");
    let read = admin
        .modern("resources/read", Some(&uri), json!({"uri": uri}))
        .await
        .json()
        .await;
    assert_eq!(read["result"]["contents"][0]["text"], "is hot");
    let params = json!({"name": "summarise_note", "arguments": {"id": id}});
    let prompt = admin
        .modern("prompts/get", Some("summarise_note"), params)
        .await
        .json()
        .await;
    assert!(
        prompt["result"]["messages"][0]["content"]["text"]
            .as_str()
            .unwrap()
            .contains("Tea")
    );
    // Another subject reads neither.
    let guest = system.grant("guest", "notes:read").await.access;
    let guest = system.mcp(Some(&guest));
    let read = guest
        .modern("resources/read", Some(&uri), json!({"uri": uri}))
        .await
        .json()
        .await;
    assert_eq!(read["error"]["code"], -32602);
    let read = guest.call("notes_read", json!({"id": id})).await;
    assert_eq!(read.body["result"]["isError"], true);
    let list = guest.call("notes_list", json!({})).await;
    assert_eq!(list.structured()["notes"], json!([]));
}

#[tokio::test]
async fn a_caller_is_known_to_the_tools() {
    let system = System::start().await;
    let tokens = system.grant("grace", "notes:write").await;
    let answer = system
        .mcp(Some(&tokens.access))
        .call("whoami", json!({}))
        .await;
    let caller = answer.structured();
    assert_eq!(caller["issuer"], system.url());
    assert_eq!(caller["subject"], "grace");
    assert_eq!(caller["scopes"], "notes:read notes:write");
    assert!(caller["client"].is_string());
}

#[tokio::test]
async fn purging_asks_first() {
    let system = System::start().await;
    let token = system.grant("ada", "admin").await.access;
    let ada = system.mcp(Some(&token));
    ada.call("notes_write", json!({"title": "Tea", "text": ""}))
        .await;
    let purge = |extra: Value| {
        let mut params = json!({"name": "notes_purge", "arguments": {}});
        params
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        ada.asking(params)
    };
    let question = purge(json!({})).await;
    assert_eq!(question["result"]["resultType"], "input_required");
    let state = &question["result"]["requestState"];
    for (confirm, text) in [
        (false, "Nothing was removed."),
        (true, "1 notes were removed."),
    ] {
        let answers = json!({"purge": {"action": "accept", "content": {"confirm": confirm}}});
        let done = purge(json!({"inputResponses": answers, "requestState": state})).await;
        assert_eq!(done["result"]["content"][0]["text"], text);
    }
}

#[tokio::test]
async fn a_page_may_be_a_client() {
    let system = System::start().await;
    let origin = "http://localhost:6274";
    let preflight = Request::options("/mcp")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,mcp-method");
    let reply = system
        .client
        .send(preflight.body(String::new()).unwrap())
        .await;
    assert_eq!(
        (
            reply.status.as_u16(),
            reply.header("access-control-allow-origin")
        ),
        (204, origin)
    );
    assert!(
        reply
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    let reply = system.mcp(None).bare("GET", &[("origin", origin)]).await;
    assert_eq!(
        (
            reply.status.as_u16(),
            reply.header("access-control-allow-origin")
        ),
        (401, origin)
    );
    assert!(
        reply
            .header("access-control-expose-headers")
            .contains("www-authenticate")
    );
}

#[tokio::test]
async fn hosts_and_origins_come_before_tokens() {
    let system = System::start().await;
    let with = |name: &'static str, value: &'static str| {
        let request = Request::post("/mcp")
            .header("content-type", "application/json")
            .header(name, value);
        let client = system.client.clone();
        async move {
            client
                .send(request.body("{}".to_owned()).unwrap())
                .await
                .status
                .as_u16()
        }
    };
    assert_eq!(with("host", "evil.example").await, 421);
    assert_eq!(with("origin", "https://evil.example").await, 403);
    assert_eq!(with("origin", "null").await, 403);
    assert_eq!(with("origin", "http://localhost:6274").await, 401);
}
