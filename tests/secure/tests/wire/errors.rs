//! What goes wrong inside stays inside.

use mcp_tower::{Entry, Server, ToolError, ToolResult, protocol::Tool};
use secure_tests::System;
use serde_json::{Value, json};

const SECRET: &str = "/var/lib/notes/password.txt";

async fn fails() -> Result<ToolResult, ToolError> {
    Err(std::io::Error::other(format!("cannot open {SECRET}")))?
}

async fn panics() -> Result<ToolResult, ToolError> {
    panic!("{SECRET} is broken")
}

#[tokio::test]
async fn an_unexpected_error_is_a_reference_into_the_log() {
    let system = System::with(|options| {
        let catalog = Server::builder("", "")
            .entry(Entry::tool(Tool::new("fails"), |_, _| fails()))
            .entry(Entry::tool(Tool::new("panics"), |_, _| panics()));
        options.catalog = Some(catalog);
    })
    .await;
    let token = system.grant("ada", "notes:read").await.access;
    let ada = system.mcp(Some(&token));
    for tool in ["fails", "panics"] {
        let answer = ada.call(tool, json!({})).await;
        let text = answer.body.to_string();
        assert_eq!(answer.body["result"]["isError"], true, "{text}");
        assert!(
            !text.contains("password") && !text.contains("/var"),
            "{text}"
        );
    }
    assert_eq!(
        ada.call("whoami", json!({})).await.status,
        200,
        "the server goes on"
    );
}

#[tokio::test]
async fn a_wrong_argument_is_told_and_never_quoted() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:write").await.access;
    let ada = system.mcp(Some(&token));
    for (arguments, path) in [
        (json!({"title": "", "text": "hunter2"}), "title"),
        (json!({"title": "t", "text": {"hunter2": 1}}), "text"),
        (json!({"title": "t", "text": "t", "id": ["hunter2"]}), "id"),
        (
            json!({"title": "t".repeat(201), "text": "hunter2"}),
            "title",
        ),
    ] {
        let answer = ada.call("notes_write", arguments).await;
        let text = answer.body["result"]["content"][0]["text"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(answer.body["result"]["isError"], true);
        assert!(text.contains(path) && !text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn no_answer_to_nonsense_says_what_the_server_is_made_of() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let ada = system.mcp(Some(&token));
    for message in [
        json!(null),
        json!([]),
        json!({"jsonrpc": "1.0", "id": 1, "method": "ping"}),
        json!({"jsonrpc": "2.0", "id": null, "method": "ping"}),
        json!({"jsonrpc": "2.0", "id": 1, "method": 7}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": "x"}),
    ] {
        let reply = ada.post(&message).await;
        assert!(
            reply.status.is_client_error(),
            "{message}: {}",
            reply.status
        );
        let body: Value = reply.json().await;
        let text = body["error"]["message"].as_str().unwrap().to_owned();
        assert!(!text.contains("line ") && !text.contains(".rs"), "{text}");
    }
}

#[tokio::test]
async fn no_answer_to_a_broken_message_repeats_what_was_in_it() {
    let system = System::start().await;
    let token = system.grant("ada", "notes:read").await.access;
    let mut ada = system.mcp(Some(&token));
    ada.initialize().await;
    let params = json!({"name": "notes_read", "arguments": {"id": "hunter2"}});
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
    let message = message.to_string();
    let broken = (0..message.len()).flat_map(|at| {
        let (before, after) = message.split_at(at);
        [
            before.to_owned(),
            format!("{before}x{}", &after[1..]),
            format!("{before}\"{}", &after[1..]),
            format!("{before}{{{after}"),
        ]
    });
    for body in broken {
        let reply = ada.post_text(body.clone()).await;
        assert!(!reply.status.is_server_error(), "{body}: {}", reply.status);
        let text = reply.text().await;
        assert!(!text.contains("hunter2"), "{body}: {text}");
    }
}
