//! Headers that repeat what the body says: names and mirrored arguments.

use base64::{Engine, engine::general_purpose::STANDARD};
use http_tests::{Case, Post, builder, check, open, server};
use mcp_tower::{
    Entry, McpService, ResourceContents,
    protocol::{ReadResult, ResourceItem},
};
use serde_json::{Value, json};

fn encoded(text: &str) -> String {
    format!("=?base64?{}?=", STANDARD.encode(text))
}

#[tokio::test]
async fn names_must_agree() {
    let add = || Post::call("add", json!({"a": 1, "b": 2}));
    let greet = || {
        Post::modern(
            "prompts/get",
            json!({"name": "greet", "arguments": {"name": "Ada"}}),
        )
    };
    let read = || Post::modern("resources/read", json!({"uri": "doc://readme"}));
    let refused = |what: &str, post| Case::refused(what, post, 400, -32020);
    let cases = [
        Case::served("tool", add()),
        Case::served("prompt", greet()),
        Case::served("resource", read()),
        Case::served("in Base64", add().set("mcp-name", encoded("add"))),
        Case::served("with blanks around", add().set("mcp-name", "  add\t ")),
        Case::served(
            "lists have no name",
            Post::modern("tools/list", json!({})).set("mcp-name", "x"),
        ),
        refused("no tool", add().without("mcp-name")),
        refused("no prompt", greet().without("mcp-name")),
        refused("no resource", read().without("mcp-name")),
        refused("another tool", add().set("mcp-name", "total")),
        refused("another prompt", greet().set("mcp-name", "who_prompt")),
        refused("another resource", read().set("mcp-name", "doc://README")),
        refused("another case", add().set("mcp-name", "Add")),
        refused("twice", add().add("mcp-name", "add")),
        refused("empty", add().set("mcp-name", "")),
        refused("Base64 of another", add().set("mcp-name", encoded("total"))),
        refused("bare Base64", add().set("mcp-name", STANDARD.encode("add"))),
        refused(
            "Base64 without padding",
            add().set("mcp-name", "=?base64?YWRkcw?="),
        ),
        refused(
            "no Base64 alphabet",
            add().set("mcp-name", "=?base64?YW*k?="),
        ),
        refused(
            "Base64 in capitals",
            add().set("mcp-name", "=?BASE64?YWRk?="),
        ),
        refused("not ASCII", add().set("mcp-name", "ädd")),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn names_beyond_ascii_are_encoded() {
    let uri = "note://größe";
    let item = ResourceItem::new(uri, "size");
    let entry = Entry::resource(item, |uri, _, _| async move {
        Ok::<_, mcp_tower::RequestError>(ReadResult::new([ResourceContents::text(uri, "12")]))
    });
    let service = McpService::new(builder().entry(entry).build());
    let read = Post::modern("resources/read", json!({"uri": uri}));
    let cases = [
        Case::served("encoded", read.clone().set("mcp-name", encoded(uri))),
        Case::refused("as it is", read.set("mcp-name", uri), 400, -32020),
    ];
    check(&service, &cases).await;
}

fn route(arguments: Value) -> Post {
    Post::call("route_to", arguments)
}

#[tokio::test]
async fn mirrored_arguments_must_agree() {
    let region = || route(json!({"region": "eu"}));
    let shard =
        |shard: Value| route(json!({"region": "eu", "shard": shard})).set("mcp-param-region", "eu");
    let dry =
        |dry: Value| route(json!({"region": "eu", "dry_run": dry})).set("mcp-param-region", "eu");
    let refused = |what: &str, post| Case::refused(what, post, 400, -32020);
    let (text, number, flag) = ("mcp-param-region", "mcp-param-shard", "mcp-param-dry-run");
    let cases = [
        Case::served("text", region().set(text, "eu")),
        Case::served("text with blanks", region().set(text, "\t eu ")),
        Case::served("text in Base64", region().set(text, encoded("eu"))),
        Case::served("name in capitals", region().set("MCP-PARAM-REGION", "eu")),
        Case::served(
            "unknown parameters",
            region().set(text, "eu").set("mcp-param-x", "y"),
        ),
        refused("text absent", region()),
        refused("text differs", region().set(text, "us")),
        refused("text in capitals", region().set(text, "EU")),
        refused("text twice", region().set(text, "eu").add(text, "eu")),
        refused("bad Base64", region().set(text, "=?base64?ZXU?=")),
        refused("nothing to mirror", route(json!({})).set(text, "eu")),
        refused("null to mirror", shard(Value::Null).set(number, "1")),
        Case::served("null", shard(Value::Null)),
        Case::served("integer", shard(json!(42)).set(number, "42")),
        Case::served("negative", shard(json!(-42)).set(number, "-42")),
        refused("integer absent", shard(json!(42))),
        refused("integer differs", shard(json!(42)).set(number, "43")),
        refused("not an integer", shard(json!(42)).set(number, "forty-two")),
        refused("text for an integer", shard(json!("42")).set(number, "42")),
        Case::served("boolean", dry(json!(true)).set(flag, "true")),
        refused("boolean differs", dry(json!(true)).set(flag, "false")),
        refused("boolean in capitals", dry(json!(true)).set(flag, "TRUE")),
        refused("boolean as a number", dry(json!(true)).set(flag, "1")),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn sessions_ignore_mirrored_arguments() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let call = Post::legacy_call("route_to", json!({"region": "eu"})).session(&session);
    let cases = [
        Case::served("absent", call.clone()),
        Case::served("different", call.set("mcp-param-region", "us")),
    ];
    check(&service, &cases).await;
}
