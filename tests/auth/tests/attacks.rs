//! The attack table: what is refused, and with which words.

use auth_tests::{Issuer, RESOURCE, challenge, claims, metadata, server, service};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http_tests::{Client, Post, Reply, all};
use mcp_tower::{
    McpService,
    auth::{Auth, TokenError, validate_with},
};
use ring::hmac;
use serde_json::json;
use std::time::Duration;

fn call() -> Post {
    Post::call("whoami", json!({}))
}

fn bearer(token: &str) -> Post {
    call().add("authorization", format!("Bearer {token}"))
}

/// Status, challenge, and a body that says nothing that it should not.
fn expect(reply: &Reply, status: u16, challenge: &str, what: &str) {
    assert_eq!(reply.status, status, "{what}: {reply:?}");
    assert_eq!(reply.header("www-authenticate"), challenge, "{what}");
    assert_eq!(reply.header("content-type"), "application/json");
    let body = reply.json();
    assert_eq!(body["jsonrpc"], "2.0");
    assert_eq!(body["error"]["code"], -32600);
    assert!(body.get("id").is_none(), "{body}");
}

/// A token that claims another algorithm, signed with what everybody knows.
fn confused(issuer: &Issuer, algorithm: &str) -> String {
    let header = json!({"alg": algorithm, "kid": "one", "typ": "at+jwt"});
    let message = Issuer::message(&header, &claims());
    let key = hmac::Key::new(hmac::HMAC_SHA256, issuer.public());
    let signature = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn bad_tokens(issuer: &Issuer) -> Vec<(&'static str, String)> {
    let now = claims()["iat"].as_u64().unwrap();
    let good = issuer.token("ada");
    let (message, signature) = good.rsplit_once('.').unwrap();
    let unsigned = json!({"alg": "none", "typ": "at+jwt"});
    let mut other = claims();
    other["sub"] = json!("bob");
    let (header, _) = good.split_once('.').unwrap();
    let (_, payload) = Issuer::message(&unsigned, &other)
        .split_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    vec![
        ("garbage", "garbage".to_owned()),
        ("three parts of garbage", "a.b.c".to_owned()),
        ("expired", issuer.token_with("exp", json!(now - 61))),
        ("not good yet", issuer.token_with("nbf", json!(now + 3600))),
        (
            "wrong audience",
            issuer.token_with("aud", json!("https://other.example.com/mcp")),
        ),
        (
            "a prefix of the audience",
            issuer.token_with("aud", json!("https://mcp.example.com")),
        ),
        ("no audience", issuer.token_with("aud", json!(null))),
        (
            "wrong issuer",
            issuer.token_with("iss", json!("https://evil.example.com")),
        ),
        ("no subject", issuer.token_with("sub", json!(null))),
        (
            "alg none",
            format!("{}.", Issuer::message(&unsigned, &claims())),
        ),
        ("alg none, signed", issuer.sign_with(&unsigned, &claims())),
        ("HS256 with the public key", confused(issuer, "HS256")),
        ("EdDSA with an HMAC", confused(issuer, "EdDSA")),
        ("unknown kid", Issuer::new("two").token("ada")),
        ("another key with a known kid", {
            let header = json!({"alg": "EdDSA", "kid": "one", "typ": "at+jwt"});
            Issuer::new("two").sign_with(&header, &claims())
        }),
        ("changed claims", format!("{header}.{payload}.{signature}")),
        ("no signature", format!("{message}.")),
        ("cut", good[..good.len() - 1].to_owned()),
        (
            "an id token",
            issuer.sign_with(&json!({"alg": "EdDSA", "typ": "id+jwt"}), &claims()),
        ),
        ("nested", {
            let header = json!({"alg": "EdDSA", "cty": "JWT"});
            issuer.sign_with(&header, &json!(good))
        }),
        ("encrypted", "a.b.c.d.e".to_owned()),
    ]
}

#[tokio::test]
async fn bad_tokens_are_invalid() {
    let issuer = Issuer::new("one");
    for running in all(&service(&issuer)).await {
        let mut client = Client::connect(running.address).await;
        for (what, token) in bad_tokens(&issuer) {
            let reply = client.send(&bearer(&token)).await;
            expect(&reply, 401, &challenge(Some("invalid_token")), what);
            let text = String::from_utf8(reply.body.to_vec()).unwrap();
            assert!(!text.contains(&token), "{what}: {text}");
        }
        // The connection, and the good token, are as good as ever.
        let reply = client.send(&bearer(&issuer.token("ada"))).await;
        assert_eq!(reply.status, 200, "{}: {reply:?}", running.name);
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_served() {
    let issuer = Issuer::new("one");
    let token = issuer.token("ada");
    let posts = [
        ("no header", call()),
        ("another scheme", call().add("authorization", "Basic YTpi")),
        (
            "in the query",
            call().path(&format!("/mcp?access_token={token}")),
        ),
        (
            "in a cookie",
            call().add("cookie", format!("access_token={token}")),
        ),
        (
            "session GET",
            Post::raw("").verb("GET").add("mcp-session-id", "x"),
        ),
        (
            "session DELETE",
            Post::raw("").verb("DELETE").add("mcp-session-id", "x"),
        ),
        ("initialize", Post::initialize("2025-11-25")),
        ("not JSON", Post::raw("{").set("content-type", "text/plain")),
        ("unknown method", Post::raw("").verb("PUT")),
    ];
    for running in all(&service(&issuer)).await {
        for (what, post) in &posts {
            let mut client = Client::connect(running.address).await;
            expect(&client.send(post).await, 401, &challenge(None), what);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_bad_request() {
    let issuer = Issuer::new("one");
    let token = issuer.token("ada");
    let authorization = format!("Bearer {token}");
    let document = auth_tests::DOCUMENT;
    let challenge = format!(r#"Bearer resource_metadata="{document}", error="invalid_request""#);
    let posts = [
        (
            "twice the same",
            bearer(&token).add("authorization", &authorization),
        ),
        (
            "two schemes",
            bearer(&token).add("authorization", "Basic YTpi"),
        ),
        ("two tokens", bearer(&format!("{token}, Bearer {token}"))),
        (
            "nothing after the scheme",
            call().add("authorization", "Bearer"),
        ),
        ("a space inside", bearer("a b")),
        ("not ASCII", call().add("authorization", b"Bearer \xff")),
        ("too long", bearer(&"a".repeat(17 * 1024))),
        (
            "in the header and the query",
            bearer(&token).path("/mcp?access_token=a"),
        ),
    ];
    for running in all(&service(&issuer)).await {
        for (what, post) in &posts {
            let mut client = Client::connect(running.address).await;
            expect(&client.send(post).await, 400, &challenge, what);
        }
    }
}

#[tokio::test]
async fn host_and_origin_come_first_and_the_body_last() {
    let issuer = Issuer::new("one");
    let token = issuer.token("ada");
    for running in all(&service(&issuer)).await {
        let mut client = Client::connect(running.address).await;
        for post in [
            call().set("host", "evil.example.com"),
            call().add("origin", "https://evil.example.com"),
        ] {
            let reply = client.send(&post).await;
            assert_eq!(reply.status, 403, "{}: {reply:?}", running.name);
            assert!(!reply.headers.contains_key("www-authenticate"));
        }
        let plain = bearer(&token).set("content-type", "text/plain");
        assert_eq!(client.send(&plain).await.status, 415);
    }
}

#[tokio::test]
async fn a_missing_scope_is_named_with_all_others() {
    let issuer = Issuer::new("one");
    let required = "notes:read notes:write".parse().unwrap();
    let auth = auth_tests::auth(&issuer).require(required);
    let service = McpService::new(server()).authorize(auth);
    let document = auth_tests::DOCUMENT;
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let reply = client.send(&bearer(&issuer.token("ada"))).await;
        let challenge = format!(
            r#"Bearer error="insufficient_scope", scope="notes:read notes:write", resource_metadata="{document}""#
        );
        expect(&reply, 403, &challenge, running.name);
        let more = issuer.token_with("scope", json!("notes:write x notes:read"));
        assert_eq!(client.send(&bearer(&more)).await.status, 200);
        // What gets a caller in at all is asked for from the beginning.
        let reply = client.send(&call()).await;
        let challenge =
            format!(r#"Bearer resource_metadata="{document}", scope="notes:read notes:write""#);
        expect(&reply, 401, &challenge, running.name);
    }
}

#[tokio::test]
async fn a_validator_out_of_reach_is_no_fault_of_the_caller() {
    let patient = validate_with(|_| async {
        let error = TokenError::unavailable("a secret in a source");
        Err(error.with_retry_after(Duration::from_millis(1500)))
    });
    let plain = validate_with(|_| async { Err(TokenError::unavailable("down")) });
    for (auth, after) in [
        (Auth::new(patient, metadata()), "2"),
        (Auth::new(plain, metadata()), "5"),
    ] {
        for running in all(&McpService::new(server()).authorize(auth.clone())).await {
            let mut client = Client::connect(running.address).await;
            let reply = client.send(&bearer("abc")).await;
            assert_eq!(reply.status, 503, "{}: {reply:?}", running.name);
            assert_eq!(reply.header("retry-after"), after);
            assert!(!reply.headers.contains_key("www-authenticate"));
            let body = reply.json().to_string();
            assert!(
                !body.contains("secret") && body.contains("-32603"),
                "{body}"
            );
        }
    }
}

#[test]
fn the_names_of_the_fixture_are_what_they_should_be() {
    let document = metadata();
    assert_eq!(document.resource(), RESOURCE);
    assert_eq!(document.url(), auth_tests::DOCUMENT);
}
