//! What a caller may not see does not exist: in lists, calls, completions, cursors and changes.

use http_body_util::BodyExt;
use http_tests::{Post, Reply};
use mcp_tower::{
    Context, McpService, Offered, Principal, Server, ToolResult,
    core::{CacheHint, Entry, RequestError, ServerBuilder, ToolError},
    mcp_prompt, mcp_resource, mcp_tool,
    protocol::{CompletionContext, ErrorCode, Revision, Tool},
    testing::{Listen, TestClient},
};
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

#[mcp_tool]
async fn open_one() -> &'static str {
    "open"
}

/// With everything that could give it away: a limit, a mirrored argument, a capability.
#[mcp_tool(timeout = "1h", requires(sampling))]
async fn secret_tool(#[mcp(header = "Region")] region: String) -> String {
    region
}

#[mcp_tool]
async fn open_two() -> &'static str {
    "open"
}

#[mcp_prompt]
async fn secret_prompt(word: String) -> String {
    word
}

#[mcp_prompt]
async fn open_prompt(word: String) -> String {
    word
}

#[mcp_resource("vault://secret")]
async fn secret_resource() -> &'static str {
    "gold"
}

#[mcp_resource("vault://secret/{id}")]
async fn secret_template(id: String) -> String {
    id
}

#[mcp_resource("shelf://{book}")]
async fn open_template(book: String) -> String {
    book
}

async fn words(_: String, _: CompletionContext, _: Context) -> Result<Vec<String>, RequestError> {
    Ok(vec!["word".to_owned()])
}

/// Hides what is named `secret_…` from everybody but the boss.
fn builder() -> ServerBuilder<()> {
    Server::builder("discreet", "1")
        .tool(open_one)
        .tool(secret_tool)
        .tool(open_two)
        .prompt(secret_prompt)
        .prompt(open_prompt)
        .resource(secret_resource)
        .resource(secret_template)
        .resource(open_template)
        .complete("secret_prompt", "word", words)
        .complete("vault://secret/{id}", "id", words)
        .cache_lists(CacheHint::public(Duration::from_secs(60)))
}

fn discreet(builder: ServerBuilder<()>) -> ServerBuilder<()> {
    builder.visible(|item, caller| {
        !item.name().starts_with("secret") || caller.principal().subject() == Some("boss")
    })
}

/// Sends bytes, and gets some back.
async fn send(service: &McpService, user: &str, post: &Post) -> Reply {
    let mut request = post.request();
    let principal = Principal::new("here", user);
    request.extensions_mut().insert(principal);
    let reply = service.clone().oneshot(request).await.unwrap();
    let (parts, body) = reply.into_parts();
    Reply {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

/// A session of somebody's.
async fn session(service: &McpService, user: &str) -> String {
    let reply = send(service, user, &Post::initialize("2025-11-25")).await;
    reply.header("mcp-session-id").to_owned()
}

/// Every way to name an item.
fn requests(tool: &str, prompt: &str, uri: &str, template: &str) -> Vec<(&'static str, Value)> {
    let complete = |reference: Value, argument: &str| {
        let argument = json!({"name": argument, "value": ""});
        (
            "completion/complete",
            json!({"ref": reference, "argument": argument}),
        )
    };
    vec![
        (
            "tools/call",
            json!({"name": tool, "arguments": {"region": 7}}),
        ),
        (
            "prompts/get",
            json!({"name": prompt, "arguments": {"word": "w"}}),
        ),
        ("resources/read", json!({"uri": uri})),
        ("resources/read", json!({"uri": format!("{uri}/7")})),
        complete(json!({"type": "ref/prompt", "name": prompt}), "word"),
        complete(json!({"type": "ref/resource", "uri": template}), "id"),
    ]
}

#[tokio::test]
async fn what_is_hidden_answers_byte_for_byte_like_what_is_unknown() {
    let service = McpService::new(discreet(builder()).build());
    let clerk = session(&service, "clerk").await;
    let hidden = requests(
        "secret_tool",
        "secret_prompt",
        "vault://secret",
        "vault://secret/{id}",
    );
    // Names of the same length, so that only the names differ.
    let unknown = requests(
        "absent_tool",
        "absent_prompt",
        "vault://absent",
        "vault://absent/{id}",
    );
    for ((method, hidden), (_, unknown)) in hidden.into_iter().zip(unknown) {
        let eras = |params: &Value| {
            let legacy = Post::legacy(method, params.clone()).session(&clerk);
            [Post::modern(method, params.clone()), legacy]
        };
        for (hidden, unknown) in eras(&hidden).into_iter().zip(eras(&unknown)) {
            let hidden_reply = send(&service, "clerk", &hidden).await;
            let unknown_reply = send(&service, "clerk", &unknown).await;
            assert_eq!(hidden_reply.status, unknown_reply.status, "{method}");
            assert_eq!(hidden_reply.headers, unknown_reply.headers, "{method}");
            let body = String::from_utf8(hidden_reply.body.to_vec()).unwrap();
            let expected = String::from_utf8(unknown_reply.body.to_vec()).unwrap();
            assert_eq!(body.replace("secret", "absent"), expected, "{method}");
            assert!(expected.contains("\"error\""), "{expected}");
            // To the boss it exists.
            let boss = send(&service, "boss", &hidden).await;
            if hidden
                .headers
                .iter()
                .all(|(name, _)| name != "mcp-session-id")
            {
                assert_ne!(boss.body, hidden_reply.body, "{method}");
            }
        }
    }
}

/// A client of somebody's.
fn client(service: &McpService, user: &str) -> TestClient {
    TestClient::over(service.clone()).principal(Principal::new("here", user))
}

/// The names in a list, and who may keep it.
async fn names(service: &McpService, user: &str, method: &str) -> Value {
    let result = client(service, user).request(method, ()).await.result();
    let items = ["tools", "prompts", "resources", "resourceTemplates"]
        .into_iter()
        .find_map(|member| result[member].as_array())
        .unwrap();
    let names: Vec<_> = items.iter().map(|item| item["name"].clone()).collect();
    json!([names, result["cacheScope"]])
}

#[tokio::test]
async fn every_list_is_the_callers_own() {
    let service = McpService::new(discreet(builder()).build());
    let table = [
        ("tools/list", json!(["open_one", "secret_tool", "open_two"])),
        ("prompts/list", json!(["secret_prompt", "open_prompt"])),
        ("resources/list", json!(["secret_resource"])),
        (
            "resources/templates/list",
            json!(["secret_template", "open_template"]),
        ),
    ];
    for (method, all) in table {
        let mut shown = all.clone();
        let is_open = |name: &Value| name.as_str().unwrap().starts_with("open");
        shown.as_array_mut().unwrap().retain(is_open);
        // In turn, so that a list that was rendered for one would be seen by the other.
        for _ in 0..2 {
            let boss = names(&service, "boss", method).await;
            assert_eq!(boss, json!([all, "private"]), "{method}");
            let clerk = names(&service, "clerk", method).await;
            assert_eq!(clerk, json!([shown, "private"]), "{method}");
        }
    }
    // Without a filter nothing varies.
    let open = McpService::new(builder().build());
    let all = names(&open, "clerk", "tools/list").await;
    let expected = json!([["open_one", "secret_tool", "open_two"], "public"]);
    assert_eq!(all, expected);
}

#[tokio::test]
async fn pages_and_cursors_do_not_tell_either() {
    let service = McpService::new(discreet(builder()).page_size(1).build());
    let page = |cursor: Option<Value>| {
        let params = cursor.map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
        Post::modern("tools/list", params)
    };
    let first = send(&service, "clerk", &page(None)).await.result();
    assert_eq!(first["tools"][0]["name"], "open_one");
    let second = page(Some(first["nextCursor"].clone()));
    let second = send(&service, "clerk", &second).await.result();
    // The hidden tool in between is no empty page, and the last page says that it is.
    assert_eq!(second["tools"][0]["name"], "open_two");
    assert!(second.get("nextCursor").is_none(), "{second}");

    // A cursor that names a hidden item is as unknown as one that names nothing.
    let forged = |name: &str| {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let cursor = first["nextCursor"].as_str().unwrap();
        let mut cursor = URL_SAFE_NO_PAD.decode(cursor).unwrap();
        cursor.truncate(8);
        cursor.extend_from_slice(name.as_bytes());
        page(Some(json!(URL_SAFE_NO_PAD.encode(cursor))))
    };
    let hidden = send(&service, "clerk", &forged("secret_tool")).await;
    let nothing = send(&service, "clerk", &forged("absent_tool")).await;
    assert_eq!(hidden.json()["error"]["code"], -32602);
    assert_eq!(hidden.body, nothing.body);
}

#[tokio::test]
async fn an_entry_has_a_predicate_of_its_own_beside_that_of_the_server() {
    let entry = |name| {
        Entry::tool(Tool::new(name), |_, _| async {
            Ok::<_, ToolError>(ToolResult::text("done"))
        })
    };
    let is = |who| move |caller: &mcp_tower::Caller<'_>| caller.principal().subject() == Some(who);
    let server = Server::builder("t", "1")
        .entry(entry("anyones"))
        .entry(entry("adas").visible(is("ada")))
        .entry(entry("nobodys").visible(is("ada")).visible(is("bob")))
        .visible(|item, _| !matches!(item, Offered::Tool(tool) if tool.name == "x"));
    let service = McpService::new(server.build());
    for (user, expected) in [
        ("ada", json!(["anyones", "adas"])),
        ("bob", json!(["anyones"])),
    ] {
        let shown = names(&service, user, "tools/list").await;
        assert_eq!(shown, json!([expected, "private"]));
        let call = client(&service, user).call_tool("adas", ()).await;
        assert_eq!(call.is_error(), user != "ada", "{call:?}");
    }
}

#[tokio::test]
async fn items_stay_hidden_wherever_they_are_moved() {
    // The predicate knows its items by the names that they had.
    let merged = Server::builder("t", "1").merge(discreet(builder())).build();
    let nested = Server::builder("t", "1")
        .nest("inner", discreet(builder()))
        .build();
    let updated = Server::builder("t", "1").changing().build();
    let merge = |catalog: &mut mcp_tower::CatalogUpdate| {
        catalog.merge(discreet(builder()));
    };
    updated.update(merge).unwrap();
    for (server, prefix) in [(merged, ""), (nested, "inner_"), (updated, "")] {
        let service = McpService::new(server);
        let shown = names(&service, "clerk", "tools/list").await;
        let open = ["open_one", "open_two"].map(|name| format!("{prefix}{name}"));
        assert_eq!(shown, json!([open, "private"]));
        let all = names(&service, "boss", "tools/list").await;
        assert_eq!(all[0].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_predicate_that_panics_hides() {
    let server = Server::builder("t", "1")
        .tool(open_one)
        .visible(|_, _| panic!("no"));
    let service = McpService::new(server.build());
    let shown = names(&service, "ada", "tools/list").await;
    assert_eq!(shown, json!([[], "private"]));
    let call = client(&service, "ada").call_tool("open_one", ()).await;
    assert_eq!(call.expect_error().code(), Some(ErrorCode::INVALID_PARAMS));
}

#[tokio::test]
async fn changes_of_what_is_hidden_are_not_told() {
    let server = discreet(builder()).build();
    let service = McpService::new(server.clone());
    let uris = ["vault://secret", "shelf://one", "vault://later"];
    for revision in [Revision::V2026_07_28, Revision::V2025_11_25] {
        for (user, told) in [("clerk", &uris[1..]), ("boss", &uris[..])] {
            let client = client(&service, user).revision(revision);
            // What is hidden can be subscribed to like what is unknown: it may come later.
            let listen = uris.into_iter().fold(client.listen(), Listen::to_resource);
            let mut changes = listen.await;
            if let Some(acknowledged) = changes.acknowledged() {
                assert_eq!(acknowledged.resource_subscriptions, uris);
            }
            uris.iter().for_each(|uri| server.resource_updated(uri));
            let mut heard = Vec::new();
            while heard.last().is_none_or(|uri| uri != "vault://later") {
                heard.push(changes.resource_updated().await);
            }
            assert_eq!(heard, told, "{user} {revision}");
        }
    }
}
