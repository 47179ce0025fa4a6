//! What is a message and what is not: JSON, JSON-RPC, ids, batches, nesting.

use http_tests::{Case, Client, Post, all, check, open, server};
use serde_json::{Value, json};

/// A session-era request whose body is this text.
fn raw(body: impl Into<Vec<u8>>, session: &str) -> Post {
    Post::raw(body).session(session)
}

#[tokio::test]
async fn ids_come_back_as_they_went() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let ids = [
        json!(0),
        json!(-7),
        json!(i64::MIN),
        json!(u64::MAX),
        json!("1"),
        json!(""),
        json!("ü \"quoted\" \u{1f600}"),
    ];
    let cases: Vec<_> = ids
        .iter()
        .flat_map(|id| {
            let modern = Post::modern("tools/list", json!({})).id(id.clone());
            let legacy = Post::legacy("ping", json!({}))
                .session(&session)
                .id(id.clone());
            let refused = Post::modern("ping", json!({})).id(id.clone());
            [
                Case::served(format!("modern {id}"), modern).id(id.clone()),
                Case::served(format!("legacy {id}"), legacy).id(id.clone()),
                Case::refused(format!("refused {id}"), refused, 404, -32601).id(id.clone()),
            ]
        })
        .collect();
    check(&service, &cases).await;
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":{open}{close}}}}}"#)
    };
    let not_json: [&[u8]; 8] = [
        b"",
        b"{",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} x",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"p\xffng\"}",
        b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":NaN}}",
        b"{'jsonrpc':'2.0'}",
    ];
    let anonymous = [
        "5",
        "null",
        "\"text\"",
        "[]",
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        r#"[{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}]"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1e400,"method":"ping"}"#,
        "{}",
    ];
    let known = [
        r#"{"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":5}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":null}"#,
        r#"{"jsonrpc":"2.0","id":1,"Method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","\u006dethod":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{},"params":{}}"#,
    ];
    let mut cases = Vec::new();
    for body in not_json {
        let what = String::from_utf8_lossy(body);
        cases.push(Case::refused(what, raw(body, &session), 400, -32700).no_id());
    }
    for body in anonymous {
        cases.push(Case::refused(body, raw(body, &session), 400, -32600).no_id());
    }
    for body in known {
        cases.push(Case::refused(body, raw(body, &session), 400, -32600));
    }
    for levels in [63, 1_000, 100_000] {
        let what = format!("{levels} levels");
        cases.push(Case::refused(what, raw(nested(levels), &session), 400, -32600).no_id());
    }
    cases.push(Case::served("62 levels", raw(nested(62), &session)));
    check(&service, &cases).await;
}

#[tokio::test]
async fn only_one_revision_has_batches() {
    let service = server();
    let mut cases = Vec::new();
    for version in ["2024-11-05", "2025-06-18", "2025-11-25"] {
        let session = open(&service, version).await;
        for body in [
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            r#"[{"jsonrpc":"2.0","method":"notifications/initialized"}]"#,
            "[]",
        ] {
            let post = raw(body, &session).set("mcp-protocol-version", version);
            cases.push(Case::refused(format!("{version} {body}"), post, 400, -32600).no_id());
        }
    }
    let modern = Post::modern("tools/list", json!({}));
    let body = format!("[{}]", String::from_utf8(modern.body.clone()).unwrap());
    let modern = Post {
        body: body.into_bytes(),
        ..modern
    };
    cases.push(Case::refused("modern", modern, 400, -32600).no_id());
    check(&service, &cases).await;
}

#[tokio::test]
async fn what_is_a_message_is_read_whatever_its_form() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let bodies = [
        r#"{"method":"ping","params":{},"id":1,"jsonrpc":"2.0"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"\u006dethod":"pi\u006eg"}"#,
        "\r\n {\n\"jsonrpc\" : \"2.0\" ,\t\"id\":1, \"method\":\"ping\" } \n",
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"unknown":[1]},"extra":{"a":"b"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":"p","a/b":1}}}"#,
    ];
    let cases: Vec<_> = bodies
        .iter()
        .map(|body| Case::served(*body, raw(*body, &session)))
        .collect();
    check(&service, &cases).await;
}

#[tokio::test]
async fn notifications_are_never_answered() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let legacy = |method: &str, params: Value| Post::notification(method, params).session(&session);
    let modern = |method: &str, params| {
        Post::modern(method, params).edit(|message| {
            message.as_object_mut().unwrap().remove("id");
        })
    };
    let cancelled = "notifications/cancelled";
    let cases = [
        Case::empty(
            "initialized",
            legacy("notifications/initialized", json!({})),
            202,
        ),
        Case::empty(
            "unknown",
            legacy("notifications/unknown", json!({"x": 1})),
            202,
        ),
        Case::empty("a request's method", legacy("tools/list", json!({})), 202),
        Case::empty(
            "unknown id",
            legacy(cancelled, json!({"requestId": 99})),
            202,
        ),
        Case::empty(
            "malformed",
            legacy(cancelled, json!({"requestId": null})),
            202,
        ),
        Case::empty("nothing", legacy(cancelled, json!({})), 202),
        Case::empty(
            "modern unknown",
            modern("notifications/unknown", json!({})),
            202,
        ),
        Case::empty(
            "modern cancelled",
            modern(cancelled, json!({"requestId": 1})),
            202,
        ),
        Case::empty(
            "modern cancelled without `Mcp-Method`",
            modern(cancelled, json!({"requestId": 1})).without("mcp-method"),
            202,
        ),
        Case::empty(
            "modern by its header only",
            Post::notification("notifications/x", json!({}))
                .set("mcp-protocol-version", "2026-07-28"),
            202,
        ),
    ];
    check(&service, &cases).await;
}

#[tokio::test]
async fn params_that_are_no_object_are_bad_params() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let cases: Vec<_> = ["[]", "5", "null", "\"x\""]
        .into_iter()
        .map(|params| {
            let body =
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{params}}}"#);
            Case::refused(params, raw(body, &session), 200, -32602)
        })
        .collect();
    check(&service, &cases).await;
}

#[tokio::test]
async fn requests_may_be_pipelined() {
    for running in all(&server()).await {
        let mut client = Client::connect(running.address).await;
        let first = Post::call("add", json!({"a": 1, "b": 1})).id(json!("first"));
        let second = Post::call("add", json!({"a": 2, "b": 2})).id(json!("second"));
        let both = [first.bytes(), second.bytes()].concat();
        client.write_bytes(&both).await;
        assert_eq!(
            client.reply().await.json()["id"],
            "first",
            "{}",
            running.name
        );
        assert_eq!(
            client.reply().await.json()["id"],
            "second",
            "{}",
            running.name
        );
    }
}
