//! Which keys are taken, and what for.

use super::*;

#[test]
fn only_keys_that_verify_are_taken() {
    let with = |member: &str, value: Value| {
        let mut key = jwk();
        key[member] = value;
        set(&[key]).len()
    };
    assert_eq!(with("use", json!("sig")), 1);
    assert_eq!(with("key_ops", json!(["verify"])), 1);
    assert_eq!(with("alg", json!("EdDSA")), 1);
    assert_eq!(with("use", json!("enc")), 0);
    assert_eq!(with("key_ops", json!(["encrypt"])), 0);
    assert_eq!(with("alg", json!("HS256")), 0);
    assert_eq!(with("crv", json!("X25519")), 0);
    assert_eq!(with("crv", json!("P-256")), 0);
    assert_eq!(with("x", json!("AAAA")), 0);
    assert_eq!(with("x", json!(URL_SAFE_NO_PAD.encode([9; 33]))), 0);
    assert_eq!(with("x", json!("")), 0);
    assert_eq!(with("kty", json!("future")), 0);
    // A shared secret is not a key here, so nobody can sign with what everybody may read.
    let secret = json!({"kty": "oct", "k": "AAAA"});
    assert_eq!(set(&[secret, json!(7), jwk()]).len(), 1);
    for bad in ["", "[]", "{}", r#"{"keys": {}}"#] {
        assert!(KeySet::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    let many = json!({"keys": vec![jwk(); 101]});
    assert!(KeySet::parse(many.to_string().as_bytes()).is_err());
}

#[test]
fn keys_that_prove_little_are_left_out() {
    let rsa = |bits: usize| {
        // An odd number of this length, padded as some issuers do.
        let mut n = vec![0xff_u8; bits.div_ceil(8) + 1];
        n[0] = 0;
        n[1] >>= (n.len() - 1) * 8 - bits;
        let n = URL_SAFE_NO_PAD.encode(n);
        set(&[json!({"kty": "RSA", "n": n, "e": "AQAB"})]).len()
    };
    let taken = [512, 1024, 2047, 2048, 3072, 4096, 4097, 8192].map(rsa);
    assert_eq!(taken, [0, 0, 0, 1, 1, 1, 0, 0]);

    let vectors = vectors();
    let point = &vectors["jwks"]["keys"][1];
    let with = |member: &str, value: Value| {
        let mut key = point.clone();
        key[member] = value;
        set(&[key]).len()
    };
    assert_eq!(with("alg", json!("ES384")), 1);
    assert_eq!(with("alg", json!("ES256")), 0);
    assert_eq!(with("crv", json!("P-256")), 0);
    assert_eq!(with("crv", json!("P-521")), 0);
    // Not on the curve.
    assert_eq!(with("y", point["x"].clone()), 0);
    assert_eq!(with("y", json!("AAAA")), 0);
}

#[tokio::test]
async fn a_key_is_used_only_as_it_says() {
    let vectors = vectors();
    let mut key = vectors["jwks"]["keys"][0].clone();
    key["alg"] = json!("PS256");
    let validator = JwtValidator::new(ISSUER, AUDIENCE, set(&[key]));
    for (name, token) in vectors["tokens"].as_object().unwrap() {
        let checked = check(&validator, token.as_str().unwrap()).await;
        if name == "PS256" {
            checked.unwrap();
        } else {
            assert_eq!(checked.unwrap_err(), "the token's key is not known");
        }
    }
}
