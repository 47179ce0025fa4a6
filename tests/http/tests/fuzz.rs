//! Whatever is sent, there is an answer and no panic.

use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, Full};
use http_tests::{Post, builder, open};
use mcp_tower::{Limits, McpService};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};
use std::{sync::LazyLock, time::Duration};
use tokio::runtime::Runtime;
use tower::ServiceExt;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

static SERVICE: LazyLock<(McpService, String)> = LazyLock::new(|| {
    let limits = Limits::new().body_bytes(64 * 1024);
    // Nothing in this server waits; the limit would show what does.
    let server = builder().timeout(Duration::from_secs(60)).build();
    let service = McpService::new(server).limits(limits);
    let session = RUNTIME.block_on(open(&service, "2025-11-25"));
    (service, session)
});

/// Sends a request; the answer must be one that a client can make sense of.
fn answered(request: Request<Full<Bytes>>) {
    let (service, _) = &*SERVICE;
    RUNTIME.block_on(async {
        let reply = service.clone().oneshot(request).await.unwrap();
        let (head, body) = reply.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        assert!(!head.status.is_server_error(), "{head:?} {body:?}");
        if body.is_empty() {
            assert!([202, 204].contains(&head.status.as_u16()), "{head:?}");
        } else if head.headers["content-type"] == "text/event-stream" {
            assert!(body.ends_with(b"\n\n"));
        } else {
            let message: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(message["jsonrpc"], "2.0");
            assert_ne!(message.get("id"), Some(&Value::Null));
            assert_ne!(
                message.get("result").is_some(),
                message.get("error").is_some()
            );
            assert!(head.status.is_success() || message.get("error").is_some());
        }
    });
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        select(vec![
            "add",
            "find",
            "greet",
            "doc://readme",
            "page://1",
            "2026-07-28"
        ])
        .prop_map(Value::from),
    ];
    let key = prop_oneof![
        "[a-z_]{0,8}",
        select(vec![
            "name",
            "arguments",
            "a",
            "b",
            "query",
            "filter",
            "years",
            "uri",
            "cursor",
            "_meta",
            "io.modelcontextprotocol/protocolVersion",
            "io.modelcontextprotocol/clientCapabilities",
            "io.modelcontextprotocol/clientInfo",
            "progressToken",
            "requestId",
            "ref",
            "argument",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn method() -> impl Strategy<Value = String> {
    let known = select(vec![
        "initialize",
        "ping",
        "server/discover",
        "tools/list",
        "tools/call",
        "prompts/list",
        "prompts/get",
        "resources/list",
        "resources/read",
        "resources/templates/list",
        "completion/complete",
        "notifications/cancelled",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let names = select(vec![
        "accept",
        "content-type",
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "mcp-session-id",
        "mcp-param-region",
        "mcp-param-shard",
        "last-event-id",
        "origin",
        "host",
        "x-user",
        "content-length",
    ]);
    let values = prop_oneof![
        vec(any::<u8>(), 0..24),
        select(vec![
            "application/json",
            "text/event-stream",
            "*/*;q=0",
            "2026-07-28",
            "2025-06-18",
            "tools/call",
            "add",
            "=?base64?YWRk?=",
            "=?base64?*?=",
            "null",
            "localhost:1:2",
        ])
        .prop_map(|value| value.as_bytes().to_vec()),
    ];
    (names, values)
}

/// Adds headers, those that are headers at all.
fn with(mut post: Post, headers: Vec<(&str, Vec<u8>)>) -> Post {
    for (name, value) in headers {
        if HeaderValue::from_bytes(&value).is_ok() {
            post = post.set(name, value);
        }
    }
    post
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_answered(body in vec(any::<u8>(), 0..200), session: bool) {
        let post = Post::raw(body);
        let post = if session { post.session(&SERVICE.1) } else { post };
        answered(post.request());
    }

    #[test]
    fn any_text_is_answered(body in "[\\[\\]{}\":,0-9a-z\\\\u \n]{0,120}") {
        answered(Post::raw(body).session(&SERVICE.1).request());
    }

    #[test]
    fn any_message_is_answered(
        method in method(),
        id in option::of(json_value()),
        params in option::of(json_value()),
        modern: bool,
        headers in vec(header(), 0..4),
    ) {
        let mut message = json!({"jsonrpc": "2.0", "method": method});
        if let Some(id) = id {
            message["id"] = id;
        }
        if let Some(params) = params {
            message["params"] = params;
        }
        let post = Post::message(&message);
        let post = if modern {
            post.set("mcp-protocol-version", "2026-07-28").set("mcp-method", method.as_bytes())
        } else {
            post.session(&SERVICE.1)
        };
        answered_if_valid(&with(post, headers));
    }

    #[test]
    fn any_arguments_are_answered(
        tool in select(vec!["add", "total", "find", "limited", "route_to", "boom", "talk"]),
        arguments in json_value(),
        token in option::of(json_value()),
    ) {
        let params = json!({"name": tool, "arguments": arguments});
        let meta = token.map_or(json!({}), |token| json!({"progressToken": token}));
        answered(Post::modern_with("tools/call", params.clone(), meta).request());
        answered(Post::legacy("tools/call", params).session(&SERVICE.1).request());
    }

    #[test]
    fn any_headers_are_answered(headers in vec(header(), 0..8), verb in "[A-Z]{1,8}") {
        let post = Post::call("add", json!({"a": 1, "b": 2}));
        answered_if_valid(&with(post.clone(), headers.clone()));
        answered_if_valid(&with(Post { verb, ..post }, headers));
    }

    #[test]
    fn any_uri_is_answered(uri in "\\PC{0,40}") {
        let post = Post::modern("resources/read", json!({"uri": uri}));
        answered_if_valid(&post);
        answered(Post::legacy("resources/read", json!({"uri": uri})).session(&SERVICE.1).request());
    }
}

/// Text that cannot stand in a header cannot be sent.
fn answered_if_valid(post: &Post) {
    let valid = |(_, value): &(String, Vec<u8>)| HeaderValue::from_bytes(value).is_ok();
    if post.headers.iter().all(valid) {
        answered(post.request());
    }
}
