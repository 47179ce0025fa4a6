//! The ladder of checks that a self-contained request climbs: the first failure wins.

use http_tests::{Case, Client, LEGACY, MODERN, Post, check, server};
use serde_json::{Value, json};

const NEWEST_LEGACY: &str = LEGACY[0];

fn add() -> Post {
    Post::call("add", json!({"a": 1, "b": 2}))
}

/// A claim that contradicts its header.
fn claim(version: Value) -> Post {
    add().meta("protocolVersion", Some(version))
}

/// A claim and its header.
fn both(version: &str) -> Post {
    claim(json!(version)).set("mcp-protocol-version", version)
}

/// A tool that needs a capability.
fn sample() -> Post {
    Post::call("sample", json!({}))
}

#[tokio::test]
async fn the_claim_comes_first_then_its_header_then_its_version() {
    let cases = [
        // 1: the claim is a string.
        Case::refused("1", claim(json!(5)), 400, -32602),
        Case::refused("1 null", claim(Value::Null), 400, -32602),
        Case::refused(
            "1 before 2",
            claim(json!(5)).without("mcp-protocol-version"),
            400,
            -32602,
        ),
        Case::refused(
            "1: no `_meta` at all",
            Post::legacy("tools/list", json!({})).set("mcp-protocol-version", MODERN),
            400,
            -32602,
        ),
        // 2: the header equals it.
        Case::refused(
            "2 absent",
            add().without("mcp-protocol-version"),
            400,
            -32020,
        ),
        Case::refused(
            "2 other",
            add().set("mcp-protocol-version", NEWEST_LEGACY),
            400,
            -32020,
        ),
        Case::refused(
            "2 twice",
            add().add("mcp-protocol-version", MODERN),
            400,
            -32020,
        ),
        Case::refused("2 before 3", claim(json!("v999")), 400, -32020),
        // 3: the version is served.
        Case::refused("3 unknown", both("2099-01-01"), 400, -32022),
        Case::refused("3 legacy", both(NEWEST_LEGACY), 400, -32022),
        Case::refused("3 empty", both(""), 400, -32022),
        Case::refused(
            "3 before 4",
            both("v999").meta("clientCapabilities", None),
            400,
            -32022,
        ),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn then_what_the_client_says_of_itself() {
    let cases = [
        // 4: capabilities, client, log level.
        Case::refused(
            "4 absent",
            add().meta("clientCapabilities", None),
            400,
            -32602,
        ),
        Case::refused(
            "4 array",
            add().meta("clientCapabilities", Some(json!([]))),
            400,
            -32602,
        ),
        Case::refused(
            "4 null",
            add().meta("clientCapabilities", Some(Value::Null)),
            400,
            -32602,
        ),
        Case::refused(
            "4 client",
            add().meta("clientInfo", Some(json!({"name": 1}))),
            400,
            -32602,
        ),
        Case::refused(
            "4 client text",
            add().meta("clientInfo", Some(json!("x"))),
            400,
            -32602,
        ),
        Case::refused(
            "4 level",
            add().meta("logLevel", Some(json!("loud"))),
            400,
            -32602,
        ),
        Case::refused(
            "4 before 5",
            add().meta("clientCapabilities", None).without("mcp-method"),
            400,
            -32602,
        ),
        Case::served(
            "4: a client that introduces itself",
            add().meta(
                "clientInfo",
                Some(json!({"name": "c", "version": "1", "more": 1})),
            ),
        ),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn then_the_headers_of_the_method_and_its_name() {
    let cases = [
        // 5: `Mcp-Method`.
        Case::refused("5 absent", add().without("mcp-method"), 400, -32020),
        Case::refused(
            "5 other",
            add().set("mcp-method", "tools/list"),
            400,
            -32020,
        ),
        Case::refused("5 case", add().set("mcp-method", "Tools/Call"), 400, -32020),
        Case::refused(
            "5 before 6",
            add().without("mcp-method").without("mcp-name"),
            400,
            -32020,
        ),
        Case::refused(
            "5 before 7",
            Post::modern("no/such", json!({})).without("mcp-method"),
            400,
            -32020,
        ),
        // 6: `Mcp-Name`.
        Case::refused("6 absent", add().without("mcp-name"), 400, -32020),
        Case::refused("6 other", add().set("mcp-name", "total"), 400, -32020),
        Case::refused("6 before 8", sample().without("mcp-name"), 400, -32020),
        Case::refused(
            "6 before 9",
            Post::call("no-such", json!({})).without("mcp-name"),
            400,
            -32020,
        ),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn then_the_method_and_what_it_needs() {
    let cases = [
        // 7: the method.
        Case::refused("7", Post::modern("no/such", json!({})), 404, -32601),
        Case::refused("7 empty", Post::modern("", json!({})), 404, -32601),
        // 8: capabilities of the client.
        Case::refused("8", sample(), 400, -32021),
        Case::refused(
            "8 before 11",
            Post::call("sample", json!({"x": 1})),
            400,
            -32021,
        ),
        Case::served(
            "8 declared",
            sample().meta("clientCapabilities", Some(json!({"sampling": {}}))),
        ),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn then_what_it_is_about_and_its_arguments() {
    let cases = [
        // 9: what it is about.
        Case::refused("9 tool", Post::call("no-such", json!({})), 200, -32602),
        Case::refused("9 arguments", Post::call("add", json!([1])), 200, -32602),
        Case::refused(
            "9 no name",
            Post::modern("tools/call", json!({"arguments": {}})),
            200,
            -32602,
        ),
        Case::refused(
            "9 cursor",
            Post::modern("tools/list", json!({"cursor": "x"})),
            200,
            -32602,
        ),
        // 10: mirrored arguments.
        Case::refused(
            "10",
            Post::call("route_to", json!({"region": "eu"})),
            400,
            -32020,
        ),
        Case::refused(
            "10 before 11",
            Post::call("route_to", json!({"region": "eu", "unknown": 1})),
            400,
            -32020,
        ),
        // 11: arguments.
        Case::served("11", Post::call("add", json!({"a": "one", "b": 2}))),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn an_unsupported_version_is_told_what_is_supported() {
    let service = server();
    let running = http_tests::hyper(service).await;
    let mut client = Client::connect(running.address).await;
    let discovered = client
        .send(&Post::modern("server/discover", json!({})))
        .await
        .result();
    for version in ["2099-01-01", "2025-11-25", "2024-11-05"] {
        let post = add()
            .meta("protocolVersion", Some(json!(version)))
            .set("mcp-protocol-version", version);
        let data = client.send(&post).await.json()["error"]["data"].clone();
        // The session revisions are left out: naming one would send the client round in circles.
        assert_eq!(data, json!({"supported": [MODERN], "requested": version}));
    }
    let all = discovered["supportedVersions"].as_array().unwrap();
    assert_eq!(all[0], MODERN);
    assert_eq!(all.len(), 5);
    let missing = client.send(&Post::call("sample", json!({}))).await.json();
    let data = json!({"requiredCapabilities": {"sampling": {}}});
    assert_eq!(missing["error"]["data"], data);
}
