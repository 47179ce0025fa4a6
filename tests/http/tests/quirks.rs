//! Mounts that depart from the protocol by name, and what stays as it is.

use http::request::Parts;
use http_tests::{Client, LEGACY, MODERN, Post, all, builder, server};
use mcp_tower::{
    McpService, Principal, Quirks, Resolve, Resolved, Server, Unresolved,
    core::{InvalidArgument, InvalidArgumentKind},
    protocol::Revision,
};
use serde_json::{Value, json};

fn oldest() -> Quirks {
    let quirks = Quirks::new().force_revision(Revision::V2024_11_05);
    quirks.expect("a handshake agrees on it")
}

/// A call of a tool that later revisions say more about.
fn forecast() -> Post {
    Post::legacy_call("forecast", json!({"city": "Graz"}))
}

/// Whether a result says what 2025-06-18 has added.
fn is_structured(result: &Value) -> bool {
    result.get("structuredContent").is_some()
}

#[test]
fn a_revision_without_a_handshake_cannot_be_forced() {
    for revision in Revision::MODERN {
        let refused = Quirks::new().force_revision(revision).unwrap_err();
        assert!(refused.to_string().contains(revision.as_str()), "{refused}");
    }
    for revision in Revision::LEGACY {
        let quirks = Quirks::new().force_revision(revision).unwrap();
        assert_eq!(quirks.forced_revision(), Some(revision));
    }
}

#[tokio::test]
async fn every_handshake_agrees_on_the_forced_revision() {
    for running in all(&server().quirks(oldest())).await {
        let mut client = Client::connect(running.address).await;
        for asked in LEGACY.into_iter().chain(["2026-07-28", "tomorrow"]) {
            let reply = client.send(&Post::initialize(asked)).await;
            let agreed = &reply.result()["protocolVersion"];
            assert_eq!(agreed, "2024-11-05", "{} {asked}", running.name);
            // The session speaks it too, whatever its client believes.
            let call = forecast().session(reply.header("mcp-session-id"));
            let call = call.set("mcp-protocol-version", "2025-11-25");
            assert!(!is_structured(&client.send(&call).await.result()));
        }
    }
}

#[tokio::test]
async fn without_sessions_the_forced_revision_is_assumed() {
    let newer = Quirks::new().force_revision(Revision::V2025_06_18).unwrap();
    for (quirks, versions) in [
        (Quirks::new(), [(None, false), (Some("2025-06-18"), true)]),
        (oldest(), [(None, false), (Some("2025-06-18"), true)]),
        (newer, [(None, true), (Some("2024-11-05"), false)]),
    ] {
        for running in all(&server().without_sessions().quirks(quirks.clone())).await {
            let mut client = Client::connect(running.address).await;
            for (version, expected) in versions {
                let post = match version {
                    Some(version) => forecast().set("mcp-protocol-version", version),
                    None => forecast(),
                };
                let result = client.send(&post).await.result();
                let context = format!("{} {quirks:?} {version:?}", running.name);
                assert_eq!(is_structured(&result), expected, "{context}");
            }
        }
    }
}

#[tokio::test]
async fn a_forced_revision_without_batches_has_none() {
    let batch = || Post::message(&json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"}]));
    for (service, status) in [
        (server().without_sessions(), 200),
        (server().without_sessions().quirks(oldest()), 400),
    ] {
        let running = http_tests::hyper(service).await;
        let reply = Client::connect(running.address).await.send(&batch()).await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn modern_requests_are_served_as_ever() {
    for running in all(&server().quirks(oldest())).await {
        let mut client = Client::connect(running.address).await;
        let call = Post::call("forecast", json!({"city": "Graz"}));
        let result = client.send(&call).await.result();
        assert!(is_structured(&result), "{}", running.name);
        let discover = Post::modern("server/discover", json!({}));
        let discovered = client.send(&discover).await.result();
        assert_eq!(discovered["supportedVersions"][0], MODERN);
    }
}

#[tokio::test]
async fn an_unknown_tool_may_be_refused_as_a_method() {
    let quirks = Quirks::new().unknown_tool_as_method();
    let long = "n".repeat(200);
    for (service, code, prefix) in [
        (server(), -32602, "Unknown tool: "),
        (server().quirks(quirks), -32601, "Tool not found: "),
    ] {
        for running in all(&service.without_sessions()).await {
            let mut client = Client::connect(running.address).await;
            for (name, shown) in [("nothing", "nothing"), (&long, &long[..128])] {
                for call in [
                    Post::legacy_call(name, json!({})),
                    Post::call(name, json!({})),
                ] {
                    let reply = client.send(&call).await;
                    let error = &reply.message()["error"];
                    assert_eq!(reply.status, 200, "{} {name}", running.name);
                    assert_eq!(error["code"], code, "{} {name}", running.name);
                    assert_eq!(error["message"], format!("{prefix}{shown}"));
                }
            }
            // A prompt is none of this.
            let get = Post::modern("prompts/get", json!({"name": "nothing"}));
            let error = &client.send(&get).await.message()["error"];
            assert_eq!(error["code"], -32602, "{}", running.name);
            assert_eq!(error["message"], "Unknown prompt: nothing");
        }
    }
}

/// What the source of a client sends before anything else: no handshake, no `params`.
fn list() -> Post {
    Post::message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}))
}

#[tokio::test]
async fn without_a_handshake_a_request_stands_for_itself() {
    let service = server().quirks(oldest().without_handshake());
    let add = || Post::legacy_call("add", json!({"a": 2, "b": 3}));
    let batch = Post::message(&json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"}]));
    let batch = batch.set("mcp-protocol-version", "2025-03-26");
    let cancelled = Post::notification("notifications/cancelled", json!({"requestId": 1}));
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        assert!(client.send(&list()).await.result()["tools"].is_array());
        assert_eq!(client.send(&add()).await.text(), "5", "{}", running.name);
        assert!(!is_structured(&client.send(&forecast()).await.result()));
        assert_eq!(client.send(&batch).await.json()[0]["result"], json!({}));
        assert_eq!(client.send(&cancelled).await.status, 202);
        // Whoever names a session means it.
        let session = client.open("2025-11-25").await;
        assert_eq!(client.send(&add().session(&session)).await.text(), "5");
        let unknown = client.send(&add().session("unknown")).await;
        assert_eq!(unknown.status, 404);
        // A stream is a session's.
        let stream = client.send(&Post::raw("").verb("GET")).await;
        assert_eq!(stream.status, 400);
    }
}

#[tokio::test]
async fn without_a_handshake_less_is_asked_of_it() {
    let without = |members: &[&str]| {
        let remove = |message: &mut Value| {
            let params = message["params"].as_object_mut().unwrap();
            params.retain(|name, _| !members.contains(&name.as_str()));
        };
        Post::initialize("2025-06-18").edit(remove)
    };
    let odd = Post::initialize("2025-06-18")
        .edit(|message| message["params"]["capabilities"] = json!("none"));
    let quirks = Quirks::new().without_handshake();
    for (service, is_lenient) in [(server(), false), (server().quirks(quirks), true)] {
        for running in all(&service).await {
            let mut client = Client::connect(running.address).await;
            for members in [
                &["capabilities"][..],
                &["clientInfo"],
                &["capabilities", "clientInfo"],
            ] {
                let reply = client.send(&without(members)).await;
                let message = reply.message();
                let context = format!("{} {members:?}: {message}", running.name);
                if !is_lenient {
                    assert_eq!(message["error"]["code"], -32602, "{context}");
                    continue;
                }
                let agreed = &message["result"]["protocolVersion"];
                assert_eq!(agreed, "2025-06-18", "{context}");
                let call = forecast().session(reply.header("mcp-session-id"));
                assert!(is_structured(&client.send(&call).await.result()));
            }
            for post in [without(&["protocolVersion"]), odd.clone()] {
                let error = &client.send(&post).await.message()["error"];
                assert_eq!(error["code"], -32602, "{}", running.name);
            }
            let status = if is_lenient { 200 } else { 400 };
            assert_eq!(client.send(&list()).await.status, status);
        }
    }
}

/// As a platform says it that knows one fault at a time.
fn first(faults: &[InvalidArgument]) -> String {
    let fault = &faults[0];
    match fault.kind() {
        InvalidArgumentKind::Missing { field } => {
            format!("Invalid params: missing required field '{field}'")
        }
        _ => format!(
            "Invalid params: {}: {}",
            fault.pointer(),
            fault.expectation()
        ),
    }
}

#[tokio::test]
async fn faults_in_arguments_may_be_errors_of_older_revisions() {
    let until = Quirks::new().argument_errors_until(Revision::V2025_06_18);
    let always = Quirks::new().argument_errors_until(Revision::NEWEST_MODERN);
    for (quirks, last) in [(Quirks::new(), ""), (until, "2025-06-18"), (always, "9999")] {
        let running = http_tests::hyper(server().without_sessions().quirks(quirks)).await;
        let mut client = Client::connect(running.address).await;
        let arguments = json!({"a": 1});
        let legacy = LEGACY.map(|revision| {
            let call = Post::legacy_call("add", arguments.clone());
            (revision, call.set("mcp-protocol-version", revision))
        });
        let modern = (MODERN, Post::call("add", arguments.clone()));
        for (revision, call) in legacy.into_iter().chain([modern]) {
            let reply = client.send(&call).await;
            assert_eq!(reply.status, 200);
            let message = reply.message();
            let text = "invalid arguments: `b`: is required";
            if revision <= last {
                let error = &message["error"];
                assert_eq!(error["code"], -32602, "{revision} {last}");
                assert_eq!(error["message"], text);
                assert_eq!(error["data"]["invalid"][0]["path"], "b");
            } else {
                assert_eq!(message["result"]["isError"], true, "{revision} {last}");
                assert_eq!(reply.text(), text);
            }
        }
        // What a tool itself says is its answer.
        let told = client.send(&Post::legacy_call("explain", json!({}))).await;
        assert_eq!(told.result()["isError"], true);
    }
}

#[tokio::test]
async fn faults_may_be_told_in_other_words() {
    let words = Quirks::new().word_arguments(first);
    let errors = words.clone().argument_errors_until(Revision::NEWEST_MODERN);
    let find = |filter: Value| ("find", json!({"query": "q", "filter": filter}));
    let cases = [
        (("forecast", json!({})), "missing required field 'city'"),
        (
            ("forecast", json!({"city": 5})),
            "/city: expected a string, got an integer",
        ),
        (
            ("forecast", json!({"city": "Graz", "a/b": 1})),
            "/a~1b: unknown field \"a/b\"",
        ),
        (("find", json!({})), "missing required field 'query'"),
        (
            ("find", json!({"query": "q", "querry": 1})),
            "/querry: unknown field \"querry\", did you mean \"query\"?",
        ),
        (
            find(json!({"years": [1999, "x"], "order": "newest"})),
            "/filter/years/1: expected an integer from 0 to 65535, got a string",
        ),
        (
            find(json!({"years": [1999]})),
            "missing required field 'order'",
        ),
        (
            ("limited", json!({"limit": 51})),
            "/limit: expected a number from 1 to 50",
        ),
    ];
    for (quirks, is_error) in [(words, false), (errors, true)] {
        let running = http_tests::hyper(server().quirks(quirks)).await;
        let mut client = Client::connect(running.address).await;
        for ((tool, arguments), expected) in &cases {
            let reply = client.send(&Post::call(tool, arguments.clone())).await;
            let message = reply.message();
            let said = match is_error {
                true => &message["error"]["message"],
                false => &message["result"]["content"][0]["text"],
            };
            assert_eq!(said, &format!("Invalid params: {expected}"), "{message}");
        }
        // What a prompt lacks was an error before, and is told as before.
        let get = Post::modern("prompts/get", json!({"name": "greet"}));
        let error = client.send(&get).await.message()["error"].clone();
        assert_eq!(error["message"], "invalid arguments: `name`: is required");
    }
}

#[tokio::test]
async fn words_that_panic_are_an_internal_error_and_nothing_else() {
    let words = Quirks::new().word_arguments(|_| panic!("s3cret"));
    let errors = words.clone().argument_errors_until(Revision::NEWEST_MODERN);
    for quirks in [words, errors] {
        let running = http_tests::hyper(server().quirks(quirks)).await;
        let mut client = Client::connect(running.address).await;
        let call = Post::call("forecast", json!({"city": 1}));
        let result = client.send(&call).await.result();
        assert_eq!(result["isError"], true);
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with("internal error (reference "), "{text}");
        // The connection goes on.
        let call = Post::call("forecast", json!({"city": "Graz"}));
        assert!(
            client
                .send(&call)
                .await
                .result()
                .get("isError")
                .is_none_or(|error| error == false)
        );
    }
}

#[tokio::test]
async fn a_server_discloses_the_revision_that_it_agrees_on() {
    let discover = Post::modern("server/discover", json!({}));
    for (quirks, legacy) in [(Quirks::new(), &LEGACY[..]), (oldest(), &["2024-11-05"])] {
        let running = http_tests::hyper(server().quirks(quirks)).await;
        let mut client = Client::connect(running.address).await;
        let result = client.send(&discover).await.result();
        let versions = result["supportedVersions"].as_array().unwrap();
        let mut versions: Vec<_> = versions.iter().map(|one| one.as_str().unwrap()).collect();
        versions.sort_unstable();
        let modern = Revision::MODERN.iter().map(|revision| revision.as_str());
        let mut expected: Vec<_> = legacy.iter().copied().chain(modern).collect();
        expected.sort_unstable();
        assert_eq!(versions, expected);
    }
}

/// One server under several names, one of which has quirks of its own.
struct ByHeader(Server);

impl Resolve for ByHeader {
    async fn resolve(&self, parts: &Parts, _: &Principal) -> Result<Resolved, Unresolved> {
        let name = parts.headers["x-server"].to_str().unwrap();
        let resolved = Resolved::new(self.0.clone(), name);
        Ok(match name {
            "own" => resolved.quirks(Quirks::new().unknown_tool_as_method()),
            "none" => resolved.quirks(Quirks::new()),
            _ => resolved,
        })
    }
}

#[tokio::test]
async fn quirks_of_a_server_replace_those_of_its_mount() {
    let service = McpService::resolved_by(ByHeader(builder().build())).quirks(oldest());
    let running = http_tests::hyper(service).await;
    let mut client = Client::connect(running.address).await;
    for (server, revision, code) in [
        ("mount", "2024-11-05", -32602),
        ("own", "2025-11-25", -32601),
        ("none", "2025-11-25", -32602),
    ] {
        let initialize = Post::initialize("2025-11-25").set("x-server", server);
        let opened = client.send(&initialize).await;
        assert_eq!(opened.result()["protocolVersion"], revision, "{server}");
        let call = Post::legacy_call("nothing", json!({})).set("x-server", server);
        let call = call.session(opened.header("mcp-session-id"));
        let error = client.send(&call).await.message()["error"].clone();
        assert_eq!(error["code"], code, "{server}");
    }
}
