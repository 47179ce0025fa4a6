//! Tokens for the credentials of a client.

use crate::{World, bearer, oauth2, open, pair, refused, unknown};
use axum::body::Body;
use http::{Request, StatusCode};
use http_tests::{Post, Reply};
use mock_platform::{
    access::{FORM_TIME, MAX_FORM_BYTES},
    app::{AppOptions, app},
    design::Status,
    platform::Platform,
    store::Directory,
};
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Instant;
use tower::ServiceExt;

const DOCUMENT: &str =
    "https://mocks.example.com/.well-known/oauth-protected-resource/api/platform/one/mcp";
const GRANT: &str = "grant_type=client_credentials";

/// Asks for a token of a server.
fn request(id: &str, form: &str, authorization: &str) -> Post {
    let post = Post::raw(form).path(&format!("/api/platform/{id}/oauth/token"));
    let post = post.set("content-type", "application/x-www-form-urlencoded");
    match authorization {
        "" => post,
        _ => post.add("authorization", authorization),
    }
}

async fn ask(world: &World, form: &str, authorization: &str) -> Reply {
    world.send(&request("one", form, authorization)).await
}

/// A token of the server `one`, as a header.
async fn token(world: &World) -> String {
    let reply = ask(world, GRANT, &pair("client", "secret-1")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    format!("Bearer {}", reply.json()["access_token"].as_str().unwrap())
}

fn wrong_token() -> String {
    format!(r#"Bearer resource_metadata="{DOCUMENT}", error="invalid_token""#)
}

#[tokio::test]
async fn a_client_gets_a_token_and_calls() {
    let world = World::known([oauth2("one", "client", "secret-1")]).await;
    refused(
        &world.call("one", "").await,
        &format!(r#"Bearer resource_metadata="{DOCUMENT}""#),
    );
    let resource = "resource=https%3A%2F%2Fmocks.example.com%2Fapi%2Fplatform%2Fone%2Fmcp";
    let in_header = pair("client", "secret-1");
    for (form, authorization) in [
        (GRANT.to_owned(), &*in_header),
        (format!("{GRANT}&{resource}&client_id=client"), &in_header),
        (format!("{GRANT}&{resource}&{resource}"), &in_header),
        (
            format!("{GRANT}&scope=&client_secret="),
            &pair("%63lient", "secret%2D1"),
        ),
        (
            format!("client_id=client&client_secret=secret-1&other=1&{GRANT}"),
            "",
        ),
    ] {
        let reply = ask(&world, &form, authorization).await;
        assert_eq!(reply.status, 200, "{form}: {reply:?}");
        assert_eq!(reply.header("cache-control"), "no-store");
        let granted = reply.json();
        assert_eq!(granted["token_type"], "Bearer");
        assert_eq!(granted["expires_in"], 3600);
        assert_eq!(granted.as_object().unwrap().len(), 3);
        let token = granted["access_token"].as_str().unwrap();
        assert_eq!(
            world.call("one", &format!("bearer {token}")).await.text(),
            "one"
        );
    }
    // The credentials themselves are no token.
    refused(&world.call("one", "Bearer secret-1").await, &wrong_token());
}

#[tokio::test]
async fn a_token_is_good_for_its_server_alone() {
    let servers = ["one", "two"].map(|id| oauth2(id, "client", "secret-1"));
    let world = World::known(servers).await;
    let one = token(&world).await;
    assert_eq!(world.call("one", &one).await.text(), "one");
    assert_eq!(world.call("two", &one).await.status, 401);
}

#[tokio::test]
async fn a_token_ends_in_time() {
    let world = World::lasting([oauth2("one", "client", "secret-1")], 0).await;
    let ended = token(&world).await;
    refused(&world.call("one", &ended).await, &wrong_token());
}

#[tokio::test]
async fn tokens_last_as_long_as_what_they_were_given_for() {
    let world = World::known([oauth2("one", "client", "secret-1")]).await;
    let platform = &world.platform;
    let old = token(&world).await;
    // A change of the design that is none of its rules, and even takes another server.
    platform
        .patch("one", &json!({"name": "New"}))
        .await
        .unwrap();
    assert_eq!(world.call("one", &old).await.text(), "one");
    platform.set_status("one", Status::Disabled).await.unwrap();
    unknown(&world.call("one", &old).await);
    unknown(&ask(&world, GRANT, &pair("client", "secret-1")).await);
    platform.set_status("one", Status::Published).await.unwrap();
    refused(&world.call("one", &old).await, &wrong_token());
    let old = token(&world).await;
    let made = world.credentials("one", "").await;
    refused(&world.call("one", &old).await, &wrong_token());
    fails(
        &ask(&world, GRANT, &pair("client", "secret-1")).await,
        401,
        "invalid_client",
    );
    let secret = made["client_secret"].as_str().unwrap();
    let again = ask(&world, GRANT, &pair("client", secret)).await;
    assert_eq!(again.status, 200, "{again:?}");
}

/// An error of RFC 6749, section 5.2, that quotes nothing.
fn fails(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    let body = reply.json();
    assert_eq!(body["error"], code, "{body}");
    assert!(body["error_description"].is_string());
    assert!(!body.to_string().contains("secret-"), "{body}");
    assert_eq!(reply.header("cache-control"), "no-store");
    let challenge = reply.headers.get("www-authenticate");
    let basic = challenge.map(|value| value.to_str().unwrap().starts_with("Basic realm="));
    assert_eq!(basic, (status == 401).then_some(true));
}

#[tokio::test]
async fn every_error_has_its_code() {
    let world = World::known([oauth2("one", "client", "secret-1")]).await;
    let good = pair("client", "secret-1");
    let long = format!("{GRANT}&x={}", "x".repeat(MAX_FORM_BYTES));
    let cases: [(&str, &str, u16, &str); 21] = [
        ("", &good, 400, "invalid_request"),
        ("grant_type=", &good, 400, "invalid_request"),
        ("grant_type=a&grant_type=b", &good, 400, "invalid_request"),
        ("grant_type=%ff", &good, 400, "unsupported_grant_type"),
        ("grant_type=password", &good, 400, "unsupported_grant_type"),
        (&format!("{GRANT}&scope=all"), &good, 400, "invalid_scope"),
        (
            &format!("{GRANT}&resource=https://other.example.com"),
            &good,
            400,
            "invalid_target",
        ),
        (
            &format!("{GRANT}&resource={}/api/platform/two/mcp", crate::URL),
            &good,
            400,
            "invalid_target",
        ),
        (
            &format!(
                "{GRANT}&resource={}/api/platform/one/mcp&resource=https://other.example.com",
                crate::URL
            ),
            &good,
            400,
            "invalid_target",
        ),
        (
            &format!("{GRANT}&client_id=client&client_secret=secret-1"),
            &good,
            400,
            "invalid_request",
        ),
        (
            &format!("{GRANT}&client_secret=secret-1"),
            &good,
            400,
            "invalid_request",
        ),
        (
            &format!("{GRANT}&client_id=other"),
            &good,
            400,
            "invalid_request",
        ),
        (&long, &good, 413, "invalid_request"),
        (GRANT, "", 401, "invalid_client"),
        (GRANT, &pair("client", "secret-2"), 401, "invalid_client"),
        (GRANT, &pair("other", "secret-1"), 401, "invalid_client"),
        (GRANT, "Basic secret-1", 401, "invalid_client"),
        (GRANT, "Bearer secret-1", 401, "invalid_client"),
        (
            &format!("{GRANT}&client_id=client"),
            "",
            401,
            "invalid_client",
        ),
        (
            &format!("{GRANT}&client_id=client&client_secret=secret-2"),
            "",
            401,
            "invalid_client",
        ),
        // Who asks is looked at before what for.
        ("grant_type=password", "", 401, "invalid_client"),
    ];
    for (form, authorization, status, code) in cases {
        fails(&ask(&world, form, authorization).await, status, code);
    }
}

#[tokio::test]
async fn what_is_no_request_for_a_token_here_is_refused() {
    let world = World::known([oauth2("one", "client", "secret-1")]).await;
    let good = pair("client", "secret-1");
    let twice = request("one", GRANT, &good).add("authorization", &good);
    fails(&world.send(&twice).await, 400, "invalid_request");
    let body = json!({"grant_type": "client_credentials"}).to_string();
    let json = request("one", &body, &good).set("content-type", "application/json");
    fails(&world.send(&json).await, 400, "invalid_request");
    let elsewhere = request("one", GRANT, &good).set("host", "evil.example.com");
    fails(&world.send(&elsewhere).await, 403, "invalid_request");
    let got = request("one", "", &good).verb("GET");
    assert_eq!(world.send(&got).await.status, 405);
}

#[tokio::test]
async fn where_no_tokens_are_issued_nobody_is_there() {
    let draft = {
        let mut draft = oauth2("draft", "client", "secret-1");
        draft["status"] = Value::from("draft");
        draft
    };
    let world = World::known([bearer("bearer", "secret-1"), open("open"), draft]).await;
    for id in ["bearer", "open", "draft", "none", "%ff"] {
        for form in [GRANT, "grant_type=password", ""] {
            let asked = request(id, form, &pair("client", "secret-1"));
            unknown(&world.send(&asked).await);
        }
    }
}

#[tokio::test]
async fn tokens_may_be_good_for_ever_or_hardly() {
    for (seconds, told) in [(u64::MAX, 3_153_600_000_u64), (0, 1)] {
        let world = World::lasting([oauth2("one", "client", "secret-1")], seconds).await;
        let reply = ask(&world, GRANT, &pair("client", "secret-1")).await;
        assert_eq!(reply.json()["expires_in"], told, "{reply:?}");
    }
}

/// A form that never comes.
struct Never;

impl http_body::Body for Never {
    type Data = bytes::Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever_nor_for_strangers() {
    let directory = tempfile::tempdir().unwrap();
    let store = Directory::open(directory.path()).unwrap();
    let platform = Platform::open(store).await.unwrap();
    let design = oauth2("one", "client", "secret-1");
    platform.create(design).await.unwrap();
    let app = app(&platform, &AppOptions::new("key"));
    for (id, host, status, waited) in [
        ("one", "localhost", StatusCode::REQUEST_TIMEOUT, FORM_TIME),
        ("none", "localhost", StatusCode::NOT_FOUND, Duration::ZERO),
        (
            "one",
            "evil.example.com",
            StatusCode::FORBIDDEN,
            Duration::ZERO,
        ),
    ] {
        let request = Request::post(format!("/api/platform/{id}/oauth/token"))
            .header("host", host)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::new(Never))
            .unwrap();
        let begun = Instant::now();
        let reply = app.clone().oneshot(request).await.unwrap();
        assert_eq!(reply.status(), status, "{id} {host}");
        // The clock stands still, but for what is waited for.
        let took = begun.elapsed();
        assert_eq!(took.as_secs(), waited.as_secs(), "{id} {host}");
    }
}
