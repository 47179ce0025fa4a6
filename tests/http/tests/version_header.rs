//! `MCP-Protocol-Version` in sessions.

use http_tests::{Case, LEGACY, MODERN, Post, check, open, server};
use serde_json::json;

fn versioned(post: Post, session: &str, version: Option<&str>) -> Post {
    let post = post.session(session);
    match version {
        Some(version) => post.set("mcp-protocol-version", version),
        None => post,
    }
}

/// What was agreed holds, whatever a client says later: some never send the header, and one that
/// names another revision has not agreed on that one.
#[tokio::test]
async fn a_session_speaks_what_it_has_agreed_on() {
    let service = server();
    for agreed in LEGACY {
        let session = open(&service, agreed).await;
        for header in LEGACY.into_iter().map(Some).chain([None]) {
            for running in http_tests::all(&service).await {
                let mut client = http_tests::Client::connect(running.address).await;
                let list = Post::legacy("tools/list", json!({}));
                let result = client
                    .send(&versioned(list, &session, header))
                    .await
                    .result();
                let titled = result["tools"].as_array().unwrap().iter();
                let titled = titled.filter(|tool| tool.get("title").is_some()).count();
                assert_eq!(titled > 0, agreed >= "2025-06-18", "{agreed} {header:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_version_that_nobody_knows_is_refused() {
    let service = server();
    let mut cases = Vec::new();
    for agreed in LEGACY {
        let session = open(&service, agreed).await;
        for version in ["v999", "2025-01-01", "", "2025-11-25, 2025-11-25", MODERN] {
            let what = format!("`{version}` in a session of {agreed}");
            let ping = versioned(Post::legacy("ping", json!({})), &session, Some(version));
            cases.push(Case::refused(
                format!("a request with {what}"),
                ping,
                400,
                -32602,
            ));
        }
    }
    check(&service, &cases).await;
}
