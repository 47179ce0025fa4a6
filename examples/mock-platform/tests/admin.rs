//! REST for administrators, over a socket.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod world;

use http_tests::{Post, Reply};
use mock_platform::{admin::MAX_BODY_BYTES, app::AppOptions};
use serde_json::{Value, json};
use std::fs;
use world::{KEY, World};

impl World {
    /// With the key.
    async fn ask(&self, verb: &str, path: &str, body: Value) -> Reply {
        self.send(plain(verb, path, body).set("x-api-key", KEY))
            .await
    }

    async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, Value::Null).await
    }

    /// Calls the tool of the demo.
    async fn weather(&self, id: &str) -> Reply {
        let params = json!({"name": "get_weather", "arguments": {"city": "San Francisco"}});
        let post = Post::legacy("tools/call", params);
        self.send(post.path(&format!("/api/platform/{id}/mcp")))
            .await
    }
}

/// Without a key.
fn plain(verb: &str, path: &str, body: Value) -> Post {
    let mut post = Post::raw("").path(&format!("/api/admin/{path}"));
    verb.clone_into(&mut post.verb);
    if !body.is_null() {
        post.body = body.to_string().into();
    }
    post
}

fn design(id: &str) -> Value {
    json!({"id": id, "name": "Test", "version": "1", "tools": [{"name": "a", "default": 1}]})
}

fn message(reply: &Reply) -> String {
    reply.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_member_that_is_there_twice_is_refused() {
    let world = World::demo().await;
    let mut post = plain("POST", "servers", Value::Null).set("x-api-key", KEY);
    post.body =
        r#"{"id": "twice", "name": "a", "version": "1", "tools": [{"name": "a", "name": "b"}]}"#
            .into();
    let reply = world.send(post).await;
    assert_eq!(reply.status, 422);
    let faults = &reply.json()["error"]["faults"];
    assert_eq!(
        *faults,
        json!([{"path": "/tools/0/name", "reason": "is there twice"}])
    );
    assert_eq!(world.get("servers/twice").await.status, 404);
}

#[tokio::test]
async fn nothing_is_done_without_the_key() {
    let world = World::demo().await;
    for (verb, path) in [
        ("GET", "servers"),
        ("DELETE", "servers/abc123"),
        ("OPTIONS", "servers"),
        ("POST", "import/openapi"),
        ("GET", "nowhere"),
    ] {
        let bare = plain(verb, path, Value::Null);
        for post in [
            bare.clone(),
            bare.clone().set("x-api-key", "another key"),
            bare.clone().set("x-api-key", ""),
            bare.clone().set("authorization", "Bearer "),
            bare.clone().set("authorization", format!("Basic {KEY}")),
            bare.clone().set("cookie", format!("key={KEY}")),
        ] {
            let reply = world.send(post).await;
            assert_eq!(reply.status, 401, "{verb} {path}");
            assert_eq!(reply.header("www-authenticate"), "Bearer");
            assert!(!reply.headers.contains_key("access-control-allow-origin"));
            assert!(!message(&reply).contains(KEY));
        }
    }
    for (name, value) in [
        ("authorization", format!("Bearer {KEY}")),
        ("authorization", format!("bearer {KEY}")),
        ("x-api-key", KEY.to_owned()),
    ] {
        let post = plain("GET", "servers", Value::Null).set(name, &value);
        assert_eq!(world.send(post).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn servers_are_made_read_changed_and_removed() {
    let world = World::demo().await;
    let made = world.ask("POST", "servers", design("t")).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.header("location"), "/api/admin/servers/t");
    let shown = world.get("servers/t").await;
    assert_eq!(shown.json(), made.json());
    let listed = world.get("servers").await.json();
    let servers = listed["servers"].as_array().unwrap();
    assert_eq!(servers.len(), 3);
    let summary = servers.iter().find(|server| server["id"] == "t").unwrap();
    assert_eq!(summary["status"], "draft");
    assert_eq!(summary["tools"], 1);
    assert_eq!(summary["endpoint"], "/api/platform/t/mcp");
    assert_eq!(listed["problems"], json!([]));

    let mut whole = shown.json();
    whole["name"] = "Other".into();
    let put = world.ask("PUT", "servers/t", whole).await;
    assert_eq!(put.status, 200);
    assert_eq!(put.json()["name"], "Other");
    let change = json!({"description": "New", "tools": []});
    let patched = world.ask("PATCH", "servers/t", change).await.json();
    assert_eq!(patched["description"], "New");
    assert_eq!(patched["name"], "Other");
    assert_eq!(patched["tools"], json!([]));
    assert_eq!(patched["created_at"], made.json()["created_at"]);

    let gone = world.ask("DELETE", "servers/t", Value::Null).await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_eq!(world.get("servers/t").await.status, 404);
}

#[tokio::test]
async fn a_server_is_served_from_its_publishing_to_its_disabling() {
    let world = World::demo().await;
    let copy = world
        .ask("POST", "servers/abc123/duplicate", Value::Null)
        .await;
    assert_eq!(copy.status, 201);
    let copy = copy.json();
    assert_eq!(copy["status"], "draft");
    let id = copy["id"].as_str().unwrap();
    assert_eq!(world.weather(id).await.status, 404);
    let publish = format!("servers/{id}/publish");
    let published = world.ask("POST", &publish, Value::Null).await.json();
    assert_eq!(published["status"], "published");
    assert!(world.weather(id).await.text().contains("Sunny"));
    let disable = format!("servers/{id}/disable");
    let disabled = world.ask("POST", &disable, Value::Null).await.json();
    assert_eq!(disabled["status"], "disabled");
    assert_eq!(world.weather(id).await.status, 404);
}

#[tokio::test]
async fn what_cannot_be_done_is_told() {
    let world = World::demo().await;
    let mut wrong = design("w");
    wrong["tools"][0]["scenarios"] = json!([
        {"condition": {"field": "x", "operator": "quals", "value": 1}, "response": 1}
    ]);
    wrong["version"] = 3.into();
    let refused = world.ask("POST", "servers", wrong).await;
    assert_eq!(refused.status, 422);
    let faults = refused.json()["error"]["faults"].clone();
    let paths: Vec<_> = faults
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["path"])
        .collect();
    assert!(paths.contains(&&json!("/version")), "{faults}");
    let operator = json!("/tools/0/scenarios/0/condition/operator");
    assert!(paths.contains(&&operator), "{faults}");

    assert_eq!(
        world.ask("POST", "servers", design("abc123")).await.status,
        409
    );
    let rename = world
        .ask("PATCH", "servers/abc123", json!({"id": "x"}))
        .await;
    assert_eq!(rename.json()["error"]["faults"][0]["path"], "/id");
    for (verb, path, status) in [
        ("GET", "servers/nobody", 404),
        ("PUT", "servers/nobody", 404),
        ("PATCH", "servers/nobody", 404),
        ("DELETE", "servers/nobody", 404),
        ("POST", "servers/nobody/publish", 404),
        ("POST", "servers/nobody/duplicate", 404),
        ("GET", "servers/nobody/calls", 404),
        ("DELETE", "servers/nobody/calls", 404),
        ("GET", "nowhere", 404),
        ("PUT", "servers", 405),
        ("POST", "import/mcp", 501),
    ] {
        let reply = world.ask(verb, path, json!({})).await;
        assert_eq!(reply.status, status, "{verb} {path}");
        assert!(!message(&reply).is_empty());
    }
    let broken = Post::raw("{")
        .path("/api/admin/servers")
        .set("x-api-key", KEY);
    assert_eq!(world.send(broken).await.status, 400);
    let long = Post::raw(vec![b' '; MAX_BODY_BYTES + 1]);
    let long = long.path("/api/admin/servers").set("x-api-key", KEY);
    let reply = world.send(long).await;
    assert_eq!(reply.status, 413);
    assert!(!message(&reply).is_empty());
}

#[tokio::test]
async fn what_is_stored_and_broken_is_told_and_can_be_removed() {
    let world = World::demo().await;
    let file = world.directory.path().join("designs/abc123.json");
    fs::write(&file, "{").unwrap();
    for (verb, path) in [
        ("POST", "servers/abc123/publish"),
        ("POST", "servers/abc123/duplicate"),
        ("PATCH", "servers/abc123"),
        ("PUT", "servers/abc123"),
    ] {
        let reply = world.ask(verb, path, json!({})).await;
        assert_eq!(reply.status, 409, "{verb} {path}");
        assert!(message(&reply).contains("broken"), "{reply:?}");
    }
    let made = world.ask("POST", "servers", design("abc123")).await;
    assert_eq!(made.status, 409);
    assert_eq!(fs::read_to_string(&file).unwrap(), "{");
    // One that was never whole is not unknown either.
    fs::write(file.with_file_name("new.json"), "{").unwrap();
    world.platform.reload().await.unwrap();
    assert_eq!(world.get("servers/new").await.status, 409);
    let gone = world.ask("DELETE", "servers/abc123", Value::Null).await;
    assert_eq!((gone.status, file.exists()), (204, false));
}

#[tokio::test]
async fn a_document_of_an_older_version_is_refused() {
    let world = World::demo().await;
    let made = world.ask("POST", "servers", design("t")).await.json();
    let changed = world
        .ask("PATCH", "servers/t", json!({"name": "New"}))
        .await;
    assert_eq!(changed.status, 200);
    let stale = world.ask("PUT", "servers/t", made).await;
    assert_eq!(stale.status, 409);
    assert!(message(&stale).contains("changed"), "{stale:?}");
    let current = world.ask("PUT", "servers/t", changed.json()).await;
    assert_eq!(current.status, 200);
}

#[tokio::test]
async fn ids_that_are_none_are_told_as_json() {
    let world = World::demo().await;
    let hidden = world.ask("POST", "servers", design(".hidden")).await;
    assert_eq!(hidden.status, 422);
    assert_eq!(hidden.json()["error"]["faults"][0]["path"], "/id");
    for (path, status) in [
        ("servers/%ff", 400),
        ("servers/.hidden", 404),
        ("servers/a%2Fb", 404),
    ] {
        for verb in ["GET", "PATCH", "DELETE"] {
            let reply = world.ask(verb, path, json!({})).await;
            assert_eq!(reply.status, status, "{verb} {path}");
            assert!(!message(&reply).is_empty());
        }
    }
}

#[test]
fn the_key_is_not_printed() {
    let printed = format!("{:?}", AppOptions::new(KEY));
    assert!(!printed.contains(KEY), "{printed}");
}

#[tokio::test]
async fn a_tool_is_tried_and_its_calls_are_read() {
    let world = World::demo().await;
    let body = json!({"tool": "get_weather", "arguments": {"city": "San Francisco"}});
    let report = world.ask("POST", "servers/abc123/test", body).await.json();
    assert_eq!(report["outcome"], "response");
    assert!(report["result"].to_string().contains("Sunny"), "{report}");
    assert!(report["trace"].is_object(), "{report}");
    for (body, status) in [
        (json!({"tool": "nothing"}), 404),
        (json!({}), 400),
        (json!({"tool": "get_weather", "arguments": 3}), 400),
    ] {
        let reply = world.ask("POST", "servers/abc123/test", body).await;
        assert_eq!(reply.status, status);
    }
    // Trying is no call.
    let path = "servers/abc123/calls";
    assert_eq!(world.get(path).await.json()["calls"], json!([]));
    world.weather("abc123").await;
    let calls = world.get(path).await.json();
    assert_eq!(calls["calls"][0]["tool"], "get_weather");
    assert_eq!(calls["calls"][0]["arguments"]["city"], "San Francisco");
    assert_eq!(world.ask("DELETE", path, Value::Null).await.status, 204);
    assert_eq!(world.get(path).await.json()["calls"], json!([]));
}

#[tokio::test]
async fn an_openapi_document_becomes_a_draft() {
    let world = World::demo().await;
    let operation = json!({"operationId": "listPets", "responses": {"200": {"description": "ok",
        "content": {"application/json": {"example": [{"name": "Rex"}]}}}}});
    let document = json!({"openapi": "3.0.3", "info": {"title": "Pets", "version": "2"},
        "paths": {"/pets": {"get": operation}}});
    let made = world.ask("POST", "import/openapi", document).await;
    assert_eq!(made.status, 201);
    assert!(made.header("location").starts_with("/api/admin/servers/"));
    let design = made.json();
    assert_eq!(design["status"], "draft");
    assert_eq!(design["tools"][0]["name"], "listPets");
    let refused = world
        .ask("POST", "import/openapi", json!({"swagger": "2.0"}))
        .await;
    assert_eq!(refused.status, 422);
    assert!(refused.json()["error"]["faults"][0]["path"].is_string());
}
