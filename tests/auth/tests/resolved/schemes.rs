//! Who is let in where.

use super::{by, call, keys, mount, refused, send, serve};
use base64::{Engine, engine::general_purpose::STANDARD};
use http_tests::{Client, Post};
use mcp_tower::{
    McpService, Principal, Server,
    auth::{Auth, Identity, validate_with},
};
use serde_json::json;

const ONE: &str = r#"Bearer realm="Number one""#;
const TWO: &str = r#"Bearer realm="Number two""#;
const USERS: &str = r#"Basic realm="Users", charset="UTF-8""#;

fn wrong(challenge: &str) -> String {
    format!(r#"{challenge}, error="invalid_token""#)
}

fn basic(text: impl AsRef<[u8]>) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

#[tokio::test]
async fn the_token_of_one_server_is_wrong_at_another() {
    let running = serve(mount()).await;
    for (name, authorization, caller) in [
        ("one", "Bearer ada-1", "ada"),
        ("one", "BEARER bob-1", "bob"),
        ("two", "bearer ada-2", "ada"),
        ("issued", "Bearer issued", "ada"),
        ("open", "", "nobody"),
        // Nobody there takes it.
        ("open", "Bearer ada-1", "nobody with a token"),
    ] {
        let reply = send(&running, &call(name, authorization)).await;
        assert_eq!(reply.text(), caller, "{name}");
    }
    for (name, authorization, challenge) in [
        ("one", "", ONE),
        ("two", "", TWO),
        ("one", "Bearer ada-2", &wrong(ONE)),
        ("two", "Bearer ada-1", &wrong(TWO)),
        // Another scheme is no token.
        ("one", &basic("ada:ada-1"), ONE),
        ("basic", "Bearer ada-1", USERS),
    ] {
        let reply = send(&running, &call(name, authorization)).await;
        refused(&reply, 401, Some(challenge));
    }
    for authorization in ["", "Bearer ada-1", "Bearer ???"] {
        refused(
            &send(&running, &call("none", authorization)).await,
            404,
            None,
        );
    }
}

#[tokio::test]
async fn users_have_passwords() {
    let running = serve(mount()).await;
    let good = basic("ada:päss:word");
    for authorization in [&good, &good.replace("Basic", "bAsIc ")] {
        let reply = send(&running, &call("basic", authorization)).await;
        assert_eq!(reply.text(), "ada");
    }
    for authorization in [
        "",
        &basic("ada:pass"),
        &basic("bob:päss:word"),
        &basic("ada:"),
    ] {
        let reply = send(&running, &call("basic", authorization)).await;
        refused(&reply, 401, Some(USERS));
    }
    for authorization in [
        "Basic",
        "Basic secret",
        "Basic c2VjcmV0",
        "Basic c2VjcmV0Og",
        &basic(b"secret:\xff"),
    ] {
        let reply = send(&running, &call("basic", authorization)).await;
        refused(&reply, 400, None);
        assert!(!reply.json().to_string().contains("secret"), "{reply:?}");
    }
    let twice = by(call("basic", &good), &good);
    refused(&send(&running, &twice).await, 400, None);
}

#[tokio::test]
async fn nothing_else_of_a_stranger_is_looked_at() {
    let running = serve(mount()).await;
    let posts = [
        call("one", "").set("content-type", "text/plain"),
        call("one", "").set("accept", "text/html"),
        call("one", "").session("unknown"),
        Post::raw("not JSON").path("/t/one"),
        Post::raw("").verb("GET").path("/t/one"),
        Post::raw("").verb("DELETE").path("/t/one"),
        Post::raw("").verb("PUT").path("/t/one"),
        Post::initialize("2025-11-25").path("/t/one"),
    ];
    for post in posts {
        refused(&send(&running, &post).await, 401, Some(ONE));
    }
    // Nor is its body waited for.
    let mut client = Client::connect(running.address).await;
    let head = "POST /t/one HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                expect: 100-continue\r\ncontent-length: 100\r\n\r\n";
    client.write_bytes(head.as_bytes()).await;
    refused(&client.reply().await, 401, Some(ONE));
    // The host comes first.
    let reply = send(&running, &call("one", "").set("host", "evil.example.com")).await;
    refused(&reply, 403, None);
}

#[tokio::test]
async fn what_a_tool_needs_is_told_in_the_words_of_its_server() {
    let running = serve(mount()).await;
    let incomplete = r#"Bearer error="insufficient_scope", scope="notes:write""#;
    let document = "https://mcp.example.com/.well-known/oauth-protected-resource/t/issued";
    for (name, authorization, challenge) in [
        (
            "one",
            "Bearer ada-1",
            Some(format!(r#"{incomplete}, realm="Number one""#)),
        ),
        (
            "issued",
            "Bearer issued",
            Some(format!(r#"{incomplete}, resource_metadata="{document}""#)),
        ),
        // There is no token that would help.
        ("basic", &basic("ada:päss:word"), None),
    ] {
        let write = Post::call("write", json!({})).path(&format!("/t/{name}"));
        let reply = send(&running, &by(write, authorization)).await;
        assert_eq!(reply.status, 403, "{reply:?}");
        let told: Vec<_> = reply.headers.get_all("www-authenticate").iter().collect();
        assert_eq!(told, Vec::from_iter(challenge.as_deref()), "{name}");
    }
}

#[tokio::test]
async fn scopes_of_a_realm_are_asked_for_from_the_beginning() {
    let granted = validate_with(|_| async {
        Ok(Identity::new(Principal::new("tests", "ada")).with_scopes("a".parse().unwrap()))
    });
    let auth = Auth::with_realm(granted, "Notes").unwrap();
    assert!(auth.metadata().is_none());
    let auth = auth.require("a b".parse().unwrap());
    let server = Server::builder("notes", "1").build();
    let running = http_tests::hyper(McpService::new(server).authorize(auth)).await;
    let ping = Post::modern("tools/list", json!({}));
    let challenge = r#"Bearer realm="Notes", scope="a b""#;
    refused(&send(&running, &ping).await, 401, Some(challenge));
    let challenge = r#"Bearer error="insufficient_scope", scope="a b", realm="Notes""#;
    let reply = send(&running, &by(ping, "Bearer x")).await;
    refused(&reply, 403, Some(challenge));
}

#[test]
fn a_realm_is_checked() {
    for realm in ["", "a\"b", "a\r\nb", "é"] {
        let auth = Auth::basic(keys(&[]), realm);
        assert!(auth.is_err(), "{realm:?}");
        assert!(Auth::with_realm(keys(&[]), realm).is_err());
    }
}
