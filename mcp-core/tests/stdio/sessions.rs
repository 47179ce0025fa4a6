//! The session of a pipe.

use super::client::{Client, text};
use mcp_core::{Quirks, protocol::Revision};
use serde_json::json;

const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

#[tokio::test]
async fn every_revision_is_agreed_on() {
    for revision in LEGACY {
        let mut client = Client::start();
        let answer = client.initialize(revision, json!({})).await;
        assert_eq!(answer["result"]["protocolVersion"], revision);
        let capabilities = &answer["result"]["capabilities"];
        assert_eq!(capabilities["tools"]["listChanged"], true);
        assert_eq!(capabilities["resources"]["subscribe"], true);
        assert!(capabilities["logging"].is_object());
        let sum = client.call("add", json!({"a": 20, "b": 22})).await;
        assert_eq!(text(&sum), "42");
        let result = sum["result"].as_object().unwrap();
        assert!(!result.contains_key("resultType") && !result.contains_key("_meta"));
        assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
        let lists = client.ask("tools/list", json!({})).await;
        let has_title = lists["result"]["tools"][0].get("annotations").is_some();
        assert!(revision != "2024-11-05" || !has_title);
    }
}

#[tokio::test]
async fn an_unknown_or_modern_version_is_answered_with_the_newest_of_the_era() {
    for revision in ["2026-07-28", "1999-01-01", ""] {
        let mut client = Client::start();
        let answer = client.initialize(revision, json!({})).await;
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
    }
}

#[tokio::test]
async fn before_the_handshake_only_a_ping_is_answered() {
    let mut client = Client::start();
    assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
    for method in ["tools/list", "tools/call", "server/discover", "nonsense"] {
        let answer = client.ask(method, json!({})).await;
        assert_eq!(answer["error"]["code"], -32600, "{method}");
    }
    let bad = client.ask("initialize", json!({"capabilities": {}})).await;
    assert_eq!(bad["error"]["code"], -32602);
    let answer = client.initialize("2025-11-25", json!({})).await;
    assert!(answer["result"].is_object());
    let again = client.ask("initialize", json!({
        "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"},
    }));
    assert_eq!(again.await["error"]["code"], -32600);
    assert_eq!(
        text(&client.call("add", json!({"a": 1, "b": 1})).await),
        "2"
    );
}

#[tokio::test]
async fn a_pipe_may_have_quirks() {
    let quirks = Quirks::new().force_revision(Revision::V2024_11_05).unwrap();
    let quirks = quirks.without_handshake().unknown_tool_as_method();
    let mut client = Client::start_with(|stdio| stdio.quirks(quirks));
    // Nobody has said hello yet.
    let sum = client.call("add", json!({"a": 20, "b": 22})).await;
    assert_eq!(text(&sum), "42");
    let unknown = client.call("nothing", json!({})).await;
    assert_eq!(unknown["error"]["code"], -32601);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let discovered = client.ask("server/discover", json!({"_meta": meta})).await;
    let versions = &discovered["result"]["supportedVersions"];
    assert_eq!(*versions, json!(["2026-07-28", "2024-11-05"]));
    let answer = client.initialize("2025-11-25", json!({})).await;
    assert_eq!(answer["result"]["protocolVersion"], "2024-11-05");
}

/// Some clients do not wait for an answer before they go on.
#[tokio::test]
async fn a_handshake_and_what_follows_may_come_at_once() {
    let mut client = Client::start();
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"},
    }});
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    client
        .write(format!("{initialize}\n{initialized}\n{list}\n"))
        .await;
    let (first, second) = (client.read().await, client.read().await);
    let mut ids = [&first["id"], &second["id"]].map(|id| id.as_i64().unwrap());
    ids.sort_unstable();
    assert_eq!(ids, [1, 2]);
    assert!(first["result"].is_object() && second["result"].is_object());
}

#[tokio::test]
async fn unknown_methods_and_notifications() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    for method in ["nonsense", "subscriptions/listen", "server/discover"] {
        let answer = client.ask(method, json!({})).await;
        assert_eq!(answer["error"]["code"], -32601, "{method}");
    }
    for method in ["notifications/roots/list_changed", "notifications/nonsense"] {
        client
            .send(json!({"jsonrpc": "2.0", "method": method}))
            .await;
    }
    // An answer that nobody has asked for.
    client
        .send(json!({"jsonrpc": "2.0", "id": 99, "result": {}}))
        .await;
    assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn the_log_level_is_the_sessions() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let mut logged = async |level: &str| {
        let set = client
            .ask("logging/setLevel", json!({"level": level}))
            .await;
        assert_eq!(set["result"], json!({}));
        client.request("tools/call", json!({"name": "tell"})).await;
        let mut told = 0;
        loop {
            let message = client.read().await;
            if message.get("id").is_some() {
                return told;
            }
            assert_eq!(message["method"], "notifications/message");
            told += 1;
        }
    };
    assert_eq!(logged("debug").await, 2);
    assert_eq!(logged("warning").await, 1);
    assert_eq!(logged("error").await, 0);
    let bad = client
        .ask("logging/setLevel", json!({"level": "loud"}))
        .await;
    assert_eq!(bad["error"]["code"], -32602);
}
