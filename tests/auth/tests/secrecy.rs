//! Tokens, keys and secrets stay out of logs, errors and answers.

use auth_tests::{ISSUER, Issuer, RESOURCE, Script, Step, metadata, server};
use http_tests::{Client, Post, hyper};
use mcp_tower::{
    McpService, Principal,
    auth::{
        ApiKeys, Auth, CachedKeys, HttpKeys, Identity, Introspection, JwtValidator, Token,
        TokenValidator,
    },
};
use serde_json::json;
use std::{
    io,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;

/// Everything that was logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// For as long as the guard lives, on this thread: the runtimes of these tests have no other.
fn record() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(log.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

/// Sends tokens to an endpoint and gives back everything that came out of it.
async fn told(auth: Auth, tokens: &[&str]) -> String {
    let running = hyper(McpService::new(server()).authorize(auth)).await;
    let mut client = Client::connect(running.address).await;
    let mut all = String::new();
    for token in tokens {
        let post = Post::call("whoami", json!({}));
        let bearer = post.clone().add("authorization", format!("Bearer {token}"));
        let twice = bearer
            .clone()
            .add("authorization", format!("Bearer {token}"));
        let query = post.path(&format!("/mcp?access_token={token}"));
        for post in [bearer, twice, query] {
            let reply = client.send(&post).await;
            all += &format!("{:?} {:?}\n", reply.headers, reply.body);
        }
    }
    all
}

fn assert_silent(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} was told:\n{text}");
    }
}

#[tokio::test]
async fn tokens_are_never_logged_and_never_echoed() {
    let (log, _guard) = record();
    let issuer = Issuer::new("one");
    let good = issuer.token("ada");
    let expired = issuer.token_with("exp", json!(1));
    let foreign = Issuer::new("an-unknown-kid").token("ada");
    let script = Script::new("/jwks.json", Step::json(&json!({"keys": [issuer.jwk()]})));
    let keys = HttpKeys::new(script.client(), "https://login.example.com/jwks.json").unwrap();
    let validator = JwtValidator::new(ISSUER, RESOURCE, CachedKeys::new(keys));
    let garbage = "garbage-that-nobody-wants-to-see-anywhere";
    let tokens = [&*good, &expired, &foreign, garbage];
    let told = told(Auth::new(validator.clone(), metadata()), &tokens).await;
    let mut secrets: Vec<_> = tokens.to_vec();
    // The signature alone would already be too much.
    secrets.extend(
        tokens[..3]
            .iter()
            .map(|token| token.rsplit('.').next().unwrap()),
    );
    let log = log.text();
    assert!(
        log.contains("a token was refused"),
        "nothing was recorded: {log}"
    );
    assert_silent(&log, &secrets);
    assert_silent(&log, &["an-unknown-kid"]);
    assert_silent(&told, &secrets);
    for token in tokens {
        let token = Token::new(token);
        let checked = format!("{:?} {:?}", validator.validate(token).await, token);
        assert_silent(&checked, &secrets);
    }
    assert_silent(&format!("{validator:?}"), &secrets);
}

#[tokio::test]
async fn what_the_authorization_server_is_told_stays_there() {
    let (log, _guard) = record();
    let token = "opaque-token-of-somebody";
    let secrets = [
        token,
        "client-secret",
        "Y2xpZW50LXNlY3JldA",
        "quoted-by-the-server",
    ];
    for step in [
        Step::status(500),
        Step::json(&json!({"active": "quoted-by-the-server"})),
        Step::json(&json!({"active": false, "note": token})),
        Step::json(&json!({"active": true, "sub": "ada", "aud": RESOURCE, "jti": token})),
    ] {
        let script = Script::new("/introspect", step);
        let endpoint = "https://login.example.com/introspect";
        let validator = Introspection::new(script.client(), ISSUER, endpoint).unwrap();
        let validator = validator
            .credentials("me", "client-secret")
            .audience(RESOURCE);
        assert_silent(&format!("{validator:?}"), &secrets);
        let checked = validator.validate(Token::new(token)).await;
        assert_silent(&format!("{checked:?}"), &secrets);
        let told = told(Auth::new(validator, metadata()), &[token]).await;
        assert_silent(&told, &secrets);
        assert!(script.count() > 0);
    }
    let log = log.text();
    assert!(
        log.contains("tokens cannot be checked"),
        "nothing was recorded: {log}"
    );
    assert_silent(&log, &secrets);
}

#[tokio::test]
async fn a_key_is_not_shown_nor_its_digest() {
    let (log, _guard) = record();
    let digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
    let identity = Identity::new(Principal::new("api-keys", "ci"));
    let keys = ApiKeys::new().with_key(digest, identity).unwrap();
    let shown = format!("{keys:?}");
    let told = told(
        Auth::new(keys, metadata()),
        &["foo", "not-a-key-of-anybody"],
    )
    .await;
    for text in [shown, told, log.text()] {
        assert_silent(&text, &[digest, "not-a-key-of-anybody", "Bearer foo"]);
    }
}
