//! Where a client that knows only the URL of a server gets its tokens.

use crate::{URL, World, basic, bearer, call, get, oauth2, open, unknown};
use serde_json::json;

const RESOURCE: &str = "/.well-known/oauth-protected-resource/api/platform";
const ISSUER: &str = "/.well-known/oauth-authorization-server/api/platform";

#[tokio::test]
async fn both_documents_name_each_other() {
    let world = World::known([oauth2("one", "client", "secret")]).await;
    let issuer = format!("{URL}/api/platform/one");
    let reply = world.send(&get(&format!("{RESOURCE}/one/mcp"))).await;
    let expected = json!({
        "resource": format!("{issuer}/mcp"),
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(reply.json(), expected);
    let reply = world.send(&get(&format!("{ISSUER}/one"))).await;
    let expected = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    });
    assert_eq!(reply.json(), expected);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    // What the documents say changes with the rules.
    world
        .platform
        .patch("one", &json!({"auth": null}))
        .await
        .unwrap();
    unknown(&world.send(&get(&format!("{RESOURCE}/one/mcp"))).await);
    unknown(&world.send(&get(&format!("{ISSUER}/one"))).await);
}

#[tokio::test]
async fn servers_without_tokens_are_not_told_from_none() {
    let servers = [
        bearer("bearer", "a"),
        basic("basic", "a", "b"),
        open("open"),
    ];
    let world = World::known(servers).await;
    for id in ["bearer", "basic", "open", "none"] {
        unknown(&world.send(&get(&format!("{RESOURCE}/{id}/mcp"))).await);
        unknown(&world.send(&get(&format!("{ISSUER}/{id}"))).await);
        // Nor is a server called there.
        let post = call(id, "").path(&format!("{RESOURCE}/{id}/mcp"));
        unknown(&world.send(&post).await);
    }
}

#[tokio::test]
async fn the_public_host_is_answered_and_no_other() {
    let world = World::known([open("open")]).await;
    for (host, status) in [
        ("mocks.example.com", 200),
        ("localhost", 200),
        ("evil.example.com", 403),
    ] {
        let reply = world.send(&call("open", "").set("host", host)).await;
        assert_eq!(reply.status, status, "{host}");
    }
}

#[tokio::test]
async fn pages_may_ask_for_both_documents() {
    let world = World::known([crate::oauth2("one", "client", "secret-1")]).await;
    for path in [format!("{RESOURCE}/one/mcp"), format!("{ISSUER}/one")] {
        let asked = get(&path).verb("OPTIONS");
        let reply = world
            .send(&asked.set("origin", "https://page.example.com"))
            .await;
        assert_eq!(reply.status, 204, "{path}: {reply:?}");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(
            reply.header("access-control-allow-methods"),
            "GET, HEAD, OPTIONS"
        );
        assert_eq!(reply.header("access-control-allow-headers"), "*");
    }
}
