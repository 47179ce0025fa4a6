//! Tokens about which the authorization server is asked.

use auth_tests::{ISSUER, RESOURCE, Script, Step, Web, client, metadata, server};
use http_tests::{Client, Post, hyper};
use mcp_tower::{
    McpService, Principal,
    auth::{Auth, HttpClient, Introspection, Token, TokenValidator, contract},
};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const PATH: &str = "/introspect";

fn active(left: u64) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    json!({
        "active": true, "sub": "ada", "aud": RESOURCE, "scope": "notes:read",
        "exp": now.as_secs() + left,
    })
}

fn introspection(client: HttpClient) -> Introspection {
    let endpoint = "https://login.example.com/introspect";
    let introspection = Introspection::new(client, ISSUER, endpoint).unwrap();
    introspection
        .credentials("notes server", "a&b:c")
        .audience(RESOURCE)
}

async fn is_accepted(validator: &Introspection, token: &str) -> bool {
    match validator.validate(Token::new(token)).await {
        Ok(_) => true,
        Err(error) => {
            assert!(error.is_invalid(), "{error}");
            false
        }
    }
}

#[tokio::test]
async fn the_server_is_asked_over_a_socket_as_the_standard_says() {
    let script = Script::new(PATH, Step::json(&active(3600)));
    let web = Web::serve(script.clone()).await;
    let validator = Introspection::new(client(), ISSUER, &web.url(PATH)).unwrap();
    let validator = validator
        .credentials("notes server", "a&b:c")
        .audience(RESOURCE);
    let service = McpService::new(server()).authorize(Auth::new(validator, metadata()));
    let running = hyper(service).await;
    let mut client = Client::connect(running.address).await;
    let post = Post::call("whoami", json!({})).add("authorization", "Bearer a+b/c==");
    let told: Value = serde_json::from_str(&client.send(&post).await.text()).unwrap();
    assert_eq!(told["subject"], "ada");
    assert_eq!(told["issuer"], ISSUER);
    assert_eq!(told["scopes"], "notes:read");
    let seen = &script.seen()[0];
    assert_eq!(
        seen.body,
        "token=a%2Bb%2Fc%3D%3D&token_type_hint=access_token"
    );
    assert_eq!(
        seen.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(seen.headers["accept"], "application/json");
    // `notes%20server:a%26b%3Ac`
    assert_eq!(
        seen.headers["authorization"],
        "Basic bm90ZXMlMjBzZXJ2ZXI6YSUyNmIlM0Fj"
    );
    // Once more, and nobody is asked.
    assert_eq!(client.send(&post).await.status, 200);
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn what_is_not_active_or_not_for_us_is_invalid() {
    let change = |member: &str, value: Value| {
        let mut answer = active(3600);
        answer[member] = value;
        answer
    };
    for answer in [
        json!({"active": false}),
        change("aud", json!("https://other.example.com")),
        change("aud", Value::Null),
        change("iss", json!("https://evil.example.com")),
        change("sub", Value::Null),
        change("exp", json!(1)),
    ] {
        let script = Script::new(PATH, Step::json(&answer));
        let validator = introspection(script.client());
        assert!(!is_accepted(&validator, "abc").await, "{answer}");
        // The answer is remembered.
        script.set(PATH, Step::json(&active(3600)));
        assert!(!is_accepted(&validator, "abc").await);
        assert_eq!(script.count(), 1);
        assert!(is_accepted(&validator, "another").await);
    }
    let script = Script::new(PATH, Step::json(&change("aud", Value::Null)));
    let trusting = introspection(script.client()).any_audience();
    assert!(is_accepted(&trusting, "abc").await);
}

#[tokio::test(start_paused = true)]
async fn answers_are_remembered_for_a_while_and_never_past_the_expiry() {
    let script = Script::new(PATH, Step::json(&active(3600)));
    let validator = introspection(script.client()).ttl(Duration::from_secs(60));
    assert!(is_accepted(&validator, "long").await);
    script.set(PATH, Step::json(&json!({"active": false})));
    tokio::time::advance(Duration::from_secs(59)).await;
    assert!(is_accepted(&validator, "long").await);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!is_accepted(&validator, "long").await);
    assert_eq!(script.count(), 2);
    // "No" is remembered for less long.
    script.set(PATH, Step::json(&active(20)));
    tokio::time::advance(Duration::from_secs(9)).await;
    assert!(!is_accepted(&validator, "long").await);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(is_accepted(&validator, "long").await);
    // This one has twenty seconds left, which is less than a minute.
    script.set(PATH, Step::json(&json!({"active": false})));
    tokio::time::advance(Duration::from_secs(20)).await;
    assert!(!is_accepted(&validator, "long").await);
    assert_eq!(script.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_is_no_answer() {
    let broken = [
        Step::status(500),
        Step::status(401),
        Step::json(&json!([])),
        Step::json(&json!({"active": "true"})),
        Step::json(&json!({"active": true, "padding": "x".repeat(300 * 1024)})),
        Step::Hang,
    ];
    for step in broken {
        let script = Script::new(PATH, step.clone());
        let validator = introspection(script.client());
        let refused = validator.validate(Token::new("abc")).await.unwrap_err();
        assert!(!refused.is_invalid(), "{step:?}");
        // A failure is not remembered.
        script.set(PATH, Step::json(&active(3600)));
        assert!(is_accepted(&validator, "abc").await);
    }
}

#[tokio::test]
async fn questions_are_bounded() {
    let script = Script::new(PATH, Step::json(&active(3600)));
    script.hold();
    let validator = introspection(script.client()).max_open(1);
    let first = validator.clone();
    let waiting = tokio::spawn(async move { is_accepted(&first, "one").await });
    while script.count() == 0 {
        tokio::task::yield_now().await;
    }
    let refused = validator.validate(Token::new("two")).await.unwrap_err();
    assert!(!refused.is_invalid());
    script.release();
    assert!(waiting.await.unwrap());
    assert!(is_accepted(&validator, "two").await);
    assert_eq!(script.count(), 2);
}

#[tokio::test]
async fn it_keeps_the_contract() {
    // A server that knows one token.
    let answer = move |token: &str| match token {
        "token=known-token&token_type_hint=access_token" => active(3600),
        _ => json!({"active": false}),
    };
    let service = tower::service_fn(move |request: http::Request<mcp_tower::Body>| async move {
        let body = axum::body::Body::new(request.into_body());
        let body = axum::body::to_bytes(body, usize::MAX).await?;
        let answer = answer(std::str::from_utf8(&body).unwrap());
        let answer = bytes::Bytes::from(answer.to_string());
        Ok::<_, axum::Error>(http::Response::new(mcp_tower::Body::from(answer)))
    });
    let validator = introspection(HttpClient::new(service));
    let ada = Principal::new(ISSUER, "ada");
    contract(&validator, &[("known-token", ada)], &["other-token"]).await;
}
