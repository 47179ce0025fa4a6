//! The library that verifies tokens keeps one provider of cryptography for the whole process. It
//! is the application's to choose, and nothing here depends on it.

use auth_tests::{Issuer, service};
use http_tests::{Client, Post, all};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    crypto::{CryptoProvider, JwkUtils},
};
use serde_json::{Value, json};
use std::panic::catch_unwind;

/// What the library falls back to when two providers are compiled in and none was chosen.
fn panicking() -> CryptoProvider {
    CryptoProvider {
        signer_factory: |_, _| panic!("no provider of cryptography was chosen"),
        verifier_factory: |_, _| panic!("no provider of cryptography was chosen"),
        jwk_utils: JwkUtils::new_unimplemented(),
    }
}

#[tokio::test]
async fn no_request_asks_the_provider_of_the_process() {
    let issuer = Issuer::new("one");
    let service = service(&issuer);
    // Nobody has chosen before, neither with a validator nor with a set of keys.
    Box::leak(Box::new(panicking())).install_default().unwrap();
    let token = issuer.token("ada");
    let decoded = catch_unwind(|| {
        let key = DecodingKey::from_ed_der(issuer.public());
        jsonwebtoken::decode::<Value>(&token, &key, &Validation::new(Algorithm::EdDSA)).is_ok()
    });
    assert!(decoded.is_err(), "the provider panics for those who ask it");

    let call = |token: &str| {
        Post::call("whoami", json!({})).add("authorization", format!("Bearer {token}"))
    };
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        for (token, status) in [(&*token, 200), (&Issuer::new("two").token("ada"), 401)] {
            let reply = client.send(&call(token)).await;
            assert_eq!(reply.status, status, "{}: {reply:?}", running.name);
        }
    }
}
