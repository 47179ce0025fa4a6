//! Which era a POST belongs to, and that neither era leaks into the other.

use http_tests::{Case, LEGACY, MODERN, Post, check, open, server};
use mcp_tower::{McpService, Server};
use serde_json::json;

const NEWEST_LEGACY: &str = LEGACY[0];

fn discover() -> Post {
    Post::modern("server/discover", json!({}))
}

fn add() -> Post {
    Post::call("add", json!({"a": 1, "b": 2}))
}

fn response() -> Post {
    Post::message(&json!({"jsonrpc": "2.0", "id": 7, "result": {}}))
}

#[tokio::test]
async fn the_body_decides_the_era_and_the_header_helps() {
    let service = server();
    let session = open(&service, NEWEST_LEGACY).await;
    let ping = Post::legacy("ping", json!({}));
    let token = Post::legacy("ping", json!({"_meta": {"progressToken": 1}}));
    let initialize = Post::initialize(NEWEST_LEGACY);
    let claimed = Post::modern("initialize", json!({"protocolVersion": NEWEST_LEGACY}));
    let array = format!("[{}]", String::from_utf8(add().body).unwrap());
    let cases = [
        // 1: arrays.
        Case::refused("an array", Post::raw("[]"), 400, -32600).no_id(),
        Case::refused("an array with a claim", Post::raw(array), 400, -32600).no_id(),
        // 2: responses.
        Case::empty("a response", response().session(&session), 202),
        Case::refused(
            "a response with a modern header",
            response()
                .session(&session)
                .set("mcp-protocol-version", MODERN),
            400,
            -32600,
        )
        .no_id(),
        // 3: a claim, whatever the method.
        Case::refused("`initialize` with a claim", claimed, 404, -32601),
        Case::refused(
            "capabilities without a claim",
            add().meta("protocolVersion", None),
            400,
            -32602,
        ),
        Case::served("a claim in a session", add().session(&session)),
        // 4: a header without a claim.
        Case::refused(
            "a modern header",
            ping.clone()
                .session(&session)
                .set("mcp-protocol-version", MODERN),
            400,
            -32602,
        ),
        Case::refused(
            "a header that nobody knows",
            ping.clone().set("mcp-protocol-version", "v999"),
            400,
            -32602,
        ),
        // 5: `initialize`.
        Case::served("`initialize`", initialize.clone()),
        Case::served(
            "`initialize` with a modern header",
            initialize.clone().set("mcp-protocol-version", MODERN),
        ),
        Case::served(
            "`initialize` with the headers of a modern request",
            initialize
                .set("mcp-method", "tools/call")
                .set("mcp-name", "x"),
        ),
        // 6: a session.
        Case::served("a session", ping.clone().session(&session)),
        Case::served("`_meta` without a claim", token.session(&session)),
        Case::served(
            "the headers of a modern request in a session",
            ping.clone()
                .session(&session)
                .set("mcp-method", "tools/call")
                .set("mcp-name", "x"),
        ),
        // 7: nothing at all.
        Case::refused("nothing", ping, 400, -32600),
    ];
    check(&service, &cases).await;
}

#[tokio::test]
async fn methods_of_the_other_era_are_unknown() {
    let service = server();
    let mut cases = Vec::new();
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
    ] {
        let params = json!({"uri": "doc://readme", "level": "info"});
        let post = Post::modern(method, params).set("mcp-name", "doc://readme");
        cases.push(Case::refused(format!("modern {method}"), post, 404, -32601));
    }
    for version in LEGACY {
        let session = open(&service, version).await;
        for method in ["server/discover", "subscriptions/listen", "no/such"] {
            let post = Post::legacy(method, json!({})).session(&session);
            // Never 404: some clients take any 404 for the end of their session.
            cases.push(Case::refused(
                format!("{version} {method}"),
                post,
                200,
                -32601,
            ));
        }
    }
    check(&service, &cases).await;
}

#[tokio::test]
async fn methods_without_their_capability_are_unknown() {
    let service = McpService::new(Server::builder("empty", "1").build());
    let session = open(&service, NEWEST_LEGACY).await;
    let running = http_tests::axum(service).await;
    let mut client = http_tests::Client::connect(running.address).await;
    let capabilities = client.send(&discover()).await.result()["capabilities"].clone();
    for capability in ["tools", "prompts", "resources", "completions"] {
        assert!(capabilities.get(capability).is_none(), "{capabilities}");
    }
    for (method, params) in [
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "x"})),
        ("prompts/list", json!({})),
        ("prompts/get", json!({"name": "x"})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({"uri": "x:y"})),
        ("completion/complete", json!({})),
    ] {
        let modern = client.send(&Post::modern(method, params.clone())).await;
        assert_eq!(modern.status, 404, "{method}");
        assert_eq!(modern.json()["error"]["code"], -32601, "{method}");
        let legacy = client
            .send(&Post::legacy(method, params).session(&session))
            .await;
        assert_eq!(legacy.status, 200, "{method}");
        assert_eq!(legacy.json()["error"]["code"], -32601, "{method}");
    }
}

#[tokio::test]
async fn handshakes_settle_on_a_session_revision() {
    let running = http_tests::tonic(server()).await;
    let mut client = http_tests::Client::connect(running.address).await;
    let unknown = [MODERN, "2099-01-01", "1999-01-01", ""];
    let known = LEGACY.iter().map(|version| (*version, *version));
    let unknown = unknown.iter().map(|version| (*version, NEWEST_LEGACY));
    for (asked, settled) in known.chain(unknown) {
        let reply = client.send(&Post::initialize(asked)).await;
        assert_eq!(reply.status, 200, "{asked}");
        assert_eq!(
            reply.json()["result"]["protocolVersion"],
            settled,
            "{asked}"
        );
    }
}

#[tokio::test]
async fn bad_handshakes_open_nothing() {
    let service = server();
    let client = json!({"name": "c", "version": "1"});
    let bad = [
        json!({}),
        json!({"protocolVersion": 5, "capabilities": {}, "clientInfo": client}),
        json!({"protocolVersion": "2025-11-25", "capabilities": [], "clientInfo": client}),
        json!({"protocolVersion": "2025-11-25", "capabilities": {}}),
    ];
    for params in bad {
        let request = Post::legacy("initialize", params.clone()).request();
        let reply = tower::ServiceExt::oneshot(service.clone(), request)
            .await
            .unwrap();
        assert!(!reply.headers().contains_key("mcp-session-id"), "{params}");
    }
    let cases = [Case::refused(
        "empty parameters",
        Post::legacy("initialize", json!({})),
        200,
        -32602,
    )];
    check(&service, &cases).await;
}

#[tokio::test]
async fn modern_requests_know_no_sessions() {
    let running = http_tests::hyper(server()).await;
    let mut client = http_tests::Client::connect(running.address).await;
    let post = add().session("made-up").set("last-event-id", "7");
    let reply = client.send(&post).await;
    assert_eq!(reply.text(), "3");
    assert!(!reply.headers.contains_key("mcp-session-id"));
}

#[tokio::test]
async fn modern_codes_never_reach_a_session() {
    let service = server();
    let session = open(&service, NEWEST_LEGACY).await;
    let call = |name, arguments| Post::legacy_call(name, arguments).session(&session);
    let cases = [
        Case::refused("missing capability", call("sample", json!({})), 200, -32602),
        Case::served(
            "mirrored arguments",
            call("route_to", json!({"region": "eu"})),
        ),
        Case::served("another version header", {
            call("add", json!({"a": 1, "b": 2})).set("mcp-protocol-version", "2025-03-26")
        }),
    ];
    check(&service, &cases).await;
}
