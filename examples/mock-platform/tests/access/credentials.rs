//! Credentials that are made, shown once, and made again.

use crate::{URL, World, bearer, open, pair};
use http_tests::Post;
use serde_json::{Value, json};
use std::fs;

/// Everything that anybody could read about a server.
async fn everything(world: &World, id: &str) -> String {
    let mut all = String::new();
    for path in ["/api/admin/servers", &format!("/api/admin/servers/{id}")] {
        let read = crate::get(path).add("x-api-key", crate::KEY);
        let got = world.send(&read).await;
        assert_eq!(got.status, 200, "{got:?}");
        all += std::str::from_utf8(&got.body).unwrap();
    }
    for file in fs::read_dir(world.directory.path().join("designs")).unwrap() {
        all += &fs::read_to_string(file.unwrap().path()).unwrap();
    }
    all
}

fn member<'a>(made: &'a Value, name: &str) -> &'a str {
    made[name].as_str().unwrap_or_else(|| panic!("{made}"))
}

#[tokio::test]
async fn a_token_is_shown_once() {
    let world = World::known([bearer("one", "old")]).await;
    let made = world.credentials("one", "").await;
    let token = member(&made, "token");
    assert_eq!(made, json!({"type": "bearer", "token": token}));
    assert_eq!(token.len(), 43);
    assert_eq!(world.call("one", "Bearer old").await.status, 401);
    assert_eq!(
        world.call("one", &format!("Bearer {token}")).await.text(),
        "one"
    );
    let all = everything(&world, "one").await;
    assert!(
        all.contains(&crate::sha256(token)) && !all.contains(token),
        "{all}"
    );
    let again = world.credentials("one", "{}").await;
    assert_ne!(member(&again, "token"), token);
    assert_eq!(
        world.call("one", &format!("Bearer {token}")).await.status,
        401
    );
}

#[tokio::test]
async fn a_server_gets_the_kind_that_is_wanted() {
    let world = World::known([open("one")]).await;
    let made = world.credentials("one", r#"{"type": "basic"}"#).await;
    let (username, password) = (member(&made, "username"), member(&made, "password"));
    assert_eq!(world.call("one", "").await.status, 401);
    assert_eq!(
        world.call("one", &pair(username, password)).await.text(),
        "one"
    );
    // Its name stays, its password does not.
    let again = world.credentials("one", "").await;
    assert_eq!(again["username"], username);
    assert_eq!(
        world.call("one", &pair(username, password)).await.status,
        401
    );
    let made = world.credentials("one", r#"{"type": "oauth2"}"#).await;
    let secret = member(&made, "client_secret");
    let expected = json!({
        "type": "oauth2", "client_id": member(&made, "client_id"), "client_secret": secret,
        "token_url": format!("{URL}/api/platform/one/oauth/token"),
    });
    assert_eq!(made, expected);
    let all = everything(&world, "one").await;
    assert!(!all.contains(secret) && !all.contains(password), "{all}");
    assert!(!all.contains("password_sha256"), "{all}");
}

#[tokio::test]
async fn what_cannot_be_made_is_told() {
    let world = World::known([open("one"), bearer("two", "old")]).await;
    for (path, body, status) in [
        ("one/credentials", "", 409),
        ("one/credentials", "{}", 409),
        ("none/credentials", r#"{"type": "bearer"}"#, 404),
        ("two/credentials", r#"{"type": "none"}"#, 400),
        ("two/credentials", r#"{"type": 1}"#, 400),
        ("two/credentials", "[]", 400),
        ("two/credentials", "not JSON", 400),
    ] {
        let reply = world.ask("POST", path, body).await;
        assert_eq!(reply.status, status, "{body}: {reply:?}");
        assert!(reply.json()["error"]["message"].is_string());
    }
    let stranger = Post::raw("").path("/api/admin/servers/two/credentials");
    assert_eq!(world.send(&stranger).await.status, 401);
    // Nothing has changed.
    assert_eq!(world.call("two", "Bearer old").await.text(), "two");
    assert_eq!(world.call("one", "").await.text(), "one");
}

#[tokio::test]
async fn a_copy_is_opened_by_no_secret_of_its_original() {
    let servers = [
        crate::bearer("bearer", "secret-1"),
        crate::basic("basic", "ada", "secret-1"),
        crate::oauth2("oauth2", "client", "secret-1"),
        crate::open("open"),
    ];
    let world = World::known(servers).await;
    for (id, name) in [
        ("bearer", None),
        ("basic", Some("username")),
        ("oauth2", Some("client_id")),
        ("open", None),
    ] {
        let copied = world.ask("POST", &format!("{id}/duplicate"), "").await;
        let (copy, original) = (copied.json(), world.ask("GET", id, "").await.json());
        assert_eq!(copy["auth"]["type"], original["auth"]["type"], "{id}");
        let (new, old) = (copy["auth"].to_string(), original["auth"].to_string());
        assert_eq!(new == old, id == "open", "{id}");
        if let Some(name) = name {
            assert_eq!(copy["auth"][name], original["auth"][name]);
        }
        let copy = copy["id"].as_str().unwrap();
        let published = world.ask("POST", &format!("{copy}/publish"), "").await;
        assert_eq!(published.status, 200);
        let good = match id {
            "basic" => crate::pair("ada", "secret-1"),
            _ => "Bearer secret-1".to_owned(),
        };
        let expected = if id == "open" { 200 } else { 401 };
        assert_eq!(world.call(copy, &good).await.status, expected, "{id}");
    }
}
