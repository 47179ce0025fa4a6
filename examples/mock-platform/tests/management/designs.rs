//! Tools for servers as a whole.

use crate::{KEY, World};
use http_tests::Post;
use serde_json::{Value, json};

/// What every tool says of a server that is not there.
const NO_SERVER: &str =
    "there is no server with the id `nobody`; `list_mcp_servers` tells which there are";

#[tokio::test]
async fn what_can_be_done_is_listed_and_nothing_else() {
    let world = World::with([]).await;
    let list = Post::modern("tools/list", json!({}));
    let list = list.path("/api/platform-mcp/mcp").set("x-api-key", KEY);
    let listed = world.send(list).await.result();
    let mut names: Vec<_> = listed["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    // Other servers cannot be asked for their designs yet, so there is no `import_from_url`.
    let expected = [
        "add_prompt",
        "add_resource",
        "add_scenario",
        "add_tool",
        "create_mcp_server",
        "delete_mcp_server",
        "get_mcp_server",
        "import_from_openapi",
        "list_mcp_servers",
        "publish_mcp_server",
        "test_tool",
        "update_mcp_server",
    ];
    assert_eq!(names, expected);
    let absent = Post::call("import_from_url", json!({"url": "http://localhost/mcp"}));
    let absent = absent.path("/api/platform-mcp/mcp").set("x-api-key", KEY);
    assert_eq!(world.send(absent).await.message()["error"]["code"], -32602);
}

#[tokio::test]
async fn servers_that_are_not_there_are_told_by_every_tool() {
    let world = World::with_t().await;
    for (tool, arguments) in [
        ("get_mcp_server", json!({"id": "nobody"})),
        (
            "update_mcp_server",
            json!({"id": "nobody", "patch": {"name": "N"}}),
        ),
        ("delete_mcp_server", json!({"id": "nobody"})),
        ("publish_mcp_server", json!({"id": "nobody"})),
        (
            "add_tool",
            json!({"server": "nobody", "tool": {"name": "a"}}),
        ),
        ("add_resource", json!({"server": "nobody", "resource": {}})),
        ("add_prompt", json!({"server": "nobody", "prompt": {}})),
        (
            "add_scenario",
            json!({"server": "nobody", "tool": "a", "scenario": {}}),
        ),
        ("test_tool", json!({"server": "nobody", "tool": "a"})),
    ] {
        assert_eq!(world.refused(tool, arguments).await, NO_SERVER, "{tool}");
    }
}

#[tokio::test]
async fn faults_are_told_with_their_paths() {
    let world = World::with([]).await;
    let design =
        json!({"name": "T", "version": 3, "tools": [{"name": "a b"}, {"name": "c", "defualt": 1}]});
    let told = world
        .refused("create_mcp_server", json!({ "design": design }))
        .await;
    for path in ["/version: ", "/tools/0/name: ", "/tools/1/defualt: "] {
        assert!(told.contains(path), "{path}: {told}");
    }
    assert!(told.contains("did you mean \"default\""), "{told}");
    let design = json!({"id": "t", "name": "T", "version": "1"});
    let design = json!({ "design": design });
    world.done("create_mcp_server", design.clone()).await;
    let taken = world.refused("create_mcp_server", design).await;
    assert_eq!(taken, "the id t is taken");
    let refused = world.refused("create_mcp_server", json!({"design": "T"}));
    assert!(refused.await.contains("design"));
}

#[tokio::test]
async fn a_design_is_read_whole_but_for_its_secrets() {
    let world = World::with_t().await;
    let read = world.done("get_mcp_server", json!({"id": "t"})).await;
    assert_eq!(read["name"], "T");
    assert_eq!(read["tools"][0]["default"], "one");
    assert!(read["created_at"].is_string(), "{read}");
    let digest = "0".repeat(64);
    let auth = json!({"type": "bearer", "token_sha256": digest});
    let patch = json!({"id": "t", "patch": {"auth": auth}});
    let updated = world.done("update_mcp_server", patch).await;
    assert_eq!(updated["auth"], "bearer");
    let read = world.done("get_mcp_server", json!({"id": "t"})).await;
    assert_eq!(read["auth"], json!({"type": "bearer"}));
    assert!(!read.to_string().contains(&digest), "{read}");
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let world = World::with_t().await;
    let patch = json!({"name": "Other", "description": "New",
        "tools": [{"name": "b", "default": "two"}]});
    let patch = json!({"id": "t", "patch": patch});
    let updated = world.done("update_mcp_server", patch).await;
    assert_eq!(updated["name"], "Other");
    assert_eq!(updated["version"], "1");
    assert_eq!(updated["tools"], 1);
    assert_eq!(world.call("t", "b").await.text(), "two");
    let patch = json!({"id": "t", "patch": {"description": null}});
    let updated = world.done("update_mcp_server", patch).await;
    assert_eq!(updated.get("description"), None);

    for (patch, path) in [
        (json!({"id": "other"}), "/id: "),
        (json!({"version": null}), "/version: "),
        (
            json!({"tools": [{"name": "c", "inputSchema": {"type": "sting"}}]}),
            "/tools/0/inputSchema",
        ),
        (json!({"staus": "draft"}), "/staus: "),
    ] {
        let wrong = json!({"id": "t", "patch": patch});
        let told = world.refused("update_mcp_server", wrong).await;
        assert!(told.starts_with(path), "{told}");
    }
    // What was refused has changed nothing.
    assert_eq!(world.call("t", "b").await.text(), "two");
}

#[tokio::test]
async fn a_server_is_published_and_removed() {
    let world = World::with([]).await;
    let design =
        json!({"id": "t", "name": "T", "version": "1", "tools": [{"name": "a", "default": "one"}]});
    let made = world.done("create_mcp_server", json!({ "design": design }));
    assert_eq!(made.await["status"], "draft");
    assert_eq!(world.call("t", "a").await.status, 404);
    for _ in 0..2 {
        let published = world.done("publish_mcp_server", json!({"id": "t"})).await;
        assert_eq!(published["status"], "published");
        assert_eq!(published["endpoint"], "/api/platform/t/mcp");
    }
    assert_eq!(world.call("t", "a").await.text(), "one");
    let listed = world.done("list_mcp_servers", json!({})).await;
    assert_eq!(listed["servers"][0]["id"], "t");

    let gone = world.manage("delete_mcp_server", json!({"id": "t"})).await;
    assert_eq!(gone["content"][0]["text"], "t was removed");
    assert_eq!(world.call("t", "a").await.status, 404);
    let listed = world.done("list_mcp_servers", json!({})).await;
    assert_eq!(listed["servers"], json!([]));
}

#[tokio::test]
async fn an_openapi_document_is_imported_published_and_called() {
    let world = World::with([]).await;
    let schema =
        json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}});
    let operation = json!({"operationId": "addPet",
        "requestBody": {"required": true, "content": {"application/json": {"schema": schema}}},
        "responses": {"201": {"description": "ok", "content": {"application/json": {"example": {"id": 1}}}}}});
    let document = json!({"openapi": "3.1.0", "info": {"title": "Pets", "version": "2"},
        "paths": {"/pets": {"post": operation}}});
    let made = world
        .done("import_from_openapi", json!({ "document": document }))
        .await;
    assert_eq!(made["name"], "Pets");
    assert_eq!(made["status"], "draft");
    let id = made["id"].as_str().unwrap();
    world.done("publish_mcp_server", json!({ "id": id })).await;
    let call = |arguments: Value| json!({"name": "addPet", "arguments": arguments});
    let called = world
        .ask(id, "tools/call", call(json!({"name": "Rex"})))
        .await;
    assert_eq!(called["structuredContent"], json!({"id": 1}));
    let refused = world.ask(id, "tools/call", call(json!({}))).await;
    assert_eq!(refused["isError"], true, "{refused}");

    let mut wrong = document;
    wrong["paths"]["/pets"]["post"]["requestBody"] = json!({"$ref": "other.json"});
    for (document, path) in [
        (wrong, "/paths/~1pets/post/requestBody/$ref: "),
        (json!({"swagger": "2.0"}), "/openapi: "),
    ] {
        let told = world
            .refused("import_from_openapi", json!({ "document": document }))
            .await;
        assert!(told.starts_with(path), "{told}");
    }
}
