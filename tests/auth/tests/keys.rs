//! Keys that are fetched: when, how often, and what happens when they cannot be.

use auth_tests::{ISSUER, Issuer, RESOURCE, Script, Step, Web, claims, client, metadata, server};
use http_tests::{Client, Post, hyper};
use mcp_tower::{
    McpService,
    auth::{
        Auth, CachedKeys, HttpClient, HttpKeys, Identity, JwtValidator, Token, TokenError,
        TokenValidator,
    },
};
use serde_json::json;
use std::time::Duration;

const JWKS: &str = "/jwks.json";

fn set(issuers: &[&Issuer]) -> Step {
    let keys: Vec<_> = issuers.iter().map(|issuer| issuer.jwk()).collect();
    Step::json(&json!({"keys": keys}))
}

fn cached(client: HttpClient) -> CachedKeys {
    CachedKeys::new(HttpKeys::new(client, "https://login.example.com/jwks.json").unwrap())
}

fn validator(keys: CachedKeys) -> JwtValidator {
    JwtValidator::new(ISSUER, RESOURCE, keys)
}

async fn check(validator: &JwtValidator, token: &str) -> Result<Identity, TokenError> {
    validator.validate(Token::new(token)).await
}

async fn is_unavailable(validator: &JwtValidator, token: &str) -> TokenError {
    let error = check(validator, token).await.unwrap_err();
    assert!(!error.is_invalid(), "{error}");
    error
}

async fn is_invalid(validator: &JwtValidator, token: &str) {
    assert!(check(validator, token).await.unwrap_err().is_invalid());
}

#[tokio::test]
async fn keys_come_over_a_socket_once_however_many_unknown_kids_follow() {
    let issuer = Issuer::new("one");
    let script = Script::new(JWKS, set(&[&issuer]));
    let web = Web::serve(script.clone()).await;
    // Long enough for any machine: nothing here waits for it.
    let keys = CachedKeys::new(HttpKeys::new(client(), &web.url(JWKS)).unwrap());
    let keys = keys.cooldown(Duration::from_secs(3600));
    let service = McpService::new(server()).authorize(Auth::new(validator(keys), metadata()));
    let running = hyper(service).await;
    assert_eq!(script.count(), 0, "fetched before it was needed");
    let mut client = Client::connect(running.address).await;
    let mut send = async |token: String| {
        let post = Post::call("whoami", json!({}));
        let post = post.add("authorization", format!("Bearer {token}"));
        client.send(&post).await.status
    };
    assert_eq!(send(issuer.token("ada")).await, 200);
    for n in 0..50 {
        let forged = Issuer::new(&format!("kid-{n}")).token("ada");
        assert_eq!(send(forged).await, 401);
    }
    assert_eq!(send(issuer.token("ada")).await, 200);
    assert_eq!(script.count(), 1);
    let accept = &script.seen()[0].headers["accept"];
    assert_eq!(accept, "application/json");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_unknown_kids_costs_one_fetch_for_each_cooldown() {
    let (one, two) = (Issuer::new("one"), Issuer::new("two"));
    let script = Script::new(JWKS, set(&[&one]));
    let validator = validator(cached(script.client()).cooldown(Duration::from_secs(10)));
    assert!(check(&validator, &one.token("ada")).await.is_ok());
    for round in 1..=5 {
        assert_eq!(script.count(), round);
        for _ in 0..20 {
            is_invalid(&validator, &two.token("ada")).await;
        }
        assert_eq!(script.count(), round);
        tokio::time::advance(Duration::from_secs(10)).await;
        is_invalid(&validator, &two.token("ada")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_found_and_an_old_one_forgotten() {
    let (one, two) = (Issuer::new("one"), Issuer::new("two"));
    let script = Script::new(JWKS, set(&[&one]));
    let keys = cached(script.client()).ttl(Duration::from_secs(600));
    let validator = validator(keys);
    assert!(check(&validator, &one.token("ada")).await.is_ok());
    script.set(JWKS, set(&[&two]));
    // Not at once, but after the cooldown, and without waiting for the end of the old keys.
    is_invalid(&validator, &two.token("ada")).await;
    tokio::time::advance(Duration::from_secs(10)).await;
    assert!(check(&validator, &two.token("ada")).await.is_ok());
    is_invalid(&validator, &one.token("ada")).await;
    assert_eq!(script.count(), 2);
    // Without a hint, the time is up at some point.
    script.set(JWKS, set(&[&one]));
    tokio::time::advance(Duration::from_secs(599)).await;
    assert!(check(&validator, &two.token("ada")).await.is_ok());
    tokio::time::advance(Duration::from_secs(1)).await;
    is_invalid(&validator, &two.token("ada")).await;
    assert!(check(&validator, &one.token("ada")).await.is_ok());
    assert_eq!(script.count(), 3);
}

#[tokio::test]
async fn many_at_once_cause_one_fetch() {
    let issuer = Issuer::new("one");
    let script = Script::new(JWKS, set(&[&issuer]));
    script.hold();
    let validator = validator(cached(script.client()));
    let callers: Vec<_> = (0..32)
        .map(|n| {
            let (validator, token) = (validator.clone(), issuer.token(&format!("user-{n}")));
            tokio::spawn(async move { check(&validator, &token).await.is_ok() })
        })
        .collect();
    while script.count() == 0 {
        tokio::task::yield_now().await;
    }
    script.release();
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_end_the_fetch() {
    let issuer = Issuer::new("one");
    let script = Script::new(JWKS, set(&[&issuer]));
    script.hold();
    let validator = validator(cached(script.client()));
    let (first, token) = (validator.clone(), issuer.token("ada"));
    let gone = tokio::spawn(async move { check(&first, &token).await.is_ok() });
    while script.count() == 0 {
        tokio::task::yield_now().await;
    }
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    script.release();
    assert!(check(&validator, &issuer.token("ada")).await.is_ok());
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn keys_that_cannot_be_had_are_unavailable_and_asked_for_again_in_time() {
    let issuer = Issuer::new("one");
    let token = issuer.token("ada");
    let broken = [
        Step::status(500),
        Step::status(404),
        Step::status(302),
        Step::json(&json!([])),
        Step::json(&json!({"keys": [], "padding": "x".repeat(300 * 1024)})),
        Step::json(&json!({"keys": vec![issuer.jwk(); 101]})),
        Step::Hang,
    ];
    for step in broken {
        let script = Script::new(JWKS, step.clone());
        let validator = validator(cached(script.client()).cooldown(Duration::from_secs(30)));
        is_unavailable(&validator, &token).await;
        let error = is_unavailable(&validator, &token).await;
        assert!(error.retry_after().unwrap() <= Duration::from_secs(30));
        assert_eq!(script.count(), 1, "{step:?}");
        script.set(JWKS, set(&[&issuer]));
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(check(&validator, &token).await.is_ok());
        assert_eq!(script.count(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_bridged_for_a_while() {
    let issuer = Issuer::new("one");
    let mut long = claims();
    long["exp"] = json!(4_102_444_800_u64);
    let token = issuer.sign(&long);
    let script = Script::new(JWKS, set(&[&issuer]));
    let keys = cached(script.client()).ttl(Duration::from_secs(600));
    let validator = validator(keys.grace(Duration::from_secs(3600)));
    assert!(check(&validator, &token).await.is_ok());
    script.set(JWKS, Step::status(503));
    tokio::time::advance(Duration::from_secs(3500)).await;
    assert!(check(&validator, &token).await.is_ok());
    assert_eq!(script.count(), 2);
    tokio::time::advance(Duration::from_secs(200)).await;
    is_unavailable(&validator, &token).await;
    script.set(JWKS, set(&[&issuer]));
    tokio::time::advance(Duration::from_secs(10)).await;
    assert!(check(&validator, &token).await.is_ok());
}

#[tokio::test]
async fn a_slow_issuer_stops_nobody_who_has_a_known_key() {
    let issuer = Issuer::new("one");
    let token = issuer.token("ada");
    let script = Script::new(JWKS, set(&[&issuer]));
    let keys = cached(script.client())
        .ttl(Duration::ZERO)
        .cooldown(Duration::ZERO);
    let validator = validator(keys);
    assert!(check(&validator, &token).await.is_ok());
    script.hold();
    let (slow, same) = (validator.clone(), token.clone());
    let waiting = tokio::spawn(async move { check(&slow, &same).await.is_ok() });
    while script.count() == 1 {
        tokio::task::yield_now().await;
    }
    assert!(check(&validator, &token).await.is_ok());
    assert!(!waiting.is_finished());
    script.release();
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn the_issuer_says_where_its_keys_are() {
    let issuer = Issuer::new("one");
    let places = [
        "/.well-known/oauth-authorization-server/tenant",
        "/tenant/.well-known/openid-configuration",
    ];
    for place in places {
        let script = Script::new(JWKS, set(&[&issuer]));
        let web = Web::serve(script.clone()).await;
        let url = web.url("/tenant");
        let document = json!({"issuer": url, "jwks_uri": web.url(JWKS)});
        script.set(place, Step::json(&document));
        let keys = CachedKeys::new(HttpKeys::discover(client(), &url).unwrap());
        let validator = JwtValidator::new(&*url, RESOURCE, keys);
        let token = issuer.token_with("iss", json!(url));
        assert!(check(&validator, &token).await.is_ok(), "{place}");
    }
}

#[tokio::test]
async fn metadata_of_others_is_not_believed() {
    let issuer = Issuer::new("one");
    let place = "/.well-known/oauth-authorization-server";
    for document in [
        json!({"issuer": "https://evil.example.com", "jwks_uri": "https://login.example.com/jwks.json"}),
        json!({"issuer": ISSUER, "jwks_uri": "http://login.example.com/jwks.json"}),
        json!({"issuer": ISSUER}),
    ] {
        let script = Script::new(JWKS, set(&[&issuer]));
        script.set(place, Step::json(&document));
        let keys = HttpKeys::discover(script.client(), ISSUER).unwrap();
        let validator = validator(CachedKeys::new(keys));
        is_unavailable(&validator, &issuer.token("ada")).await;
        assert_eq!(script.count(), 1, "{document}");
    }
    assert!(HttpKeys::new(client(), "http://login.example.com/jwks.json").is_err());
    assert!(HttpKeys::discover(client(), "http://login.example.com").is_err());
}
