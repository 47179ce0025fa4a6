use super::*;
use crate::auth::contract;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mcp_core::Principal;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::time::UNIX_EPOCH;

const ISSUER: &str = "https://login.example.com";
const AUDIENCE: &str = "https://example.com/mcp";
const NOW: u64 = 1_000_000;

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn sign(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = pair().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn jwk() -> Value {
    let x = URL_SAFE_NO_PAD.encode(pair().public_key());
    json!({"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": x})
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

fn validator() -> JwtValidator {
    JwtValidator::new(ISSUER, AUDIENCE, set(&[jwk()]))
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "ada", "aud": AUDIENCE, "exp": 4_102_444_800_u64})
}

async fn check(validator: &JwtValidator, token: &str) -> Result<Identity, String> {
    let checked = validator.check(Token::new(token)).await;
    checked.map_err(|error| error.to_string())
}

fn verify(jwk: &Value, token: &str) -> Option<bool> {
    let token = Compact::parse(token).unwrap();
    token
        .verify(&set(std::slice::from_ref(jwk)))
        .map(|claims| claims.is_ok())
}

/// RFC 7515 appendix A.2 and A.3, RFC 8037 appendix A.4.
#[test]
fn the_examples_of_the_standards_verify() {
    let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rsa = json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"});
    let ec = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let ed =
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let rs256 = format!(
        "eyJhbGciOiJSUzI1NiJ9.{payload}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    let es256 = format!(
        "eyJhbGciOiJFUzI1NiJ9.{payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    let eddsa = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg".to_owned();
    let all = [(&rsa, &rs256), (&ec, &es256), (&ed, &eddsa)];
    for (key, token) in all {
        assert_eq!(verify(key, token), Some(true));
        let (message, signature) = token.rsplit_once('.').unwrap();
        let changed = format!("{message}x.{signature}");
        assert_eq!(verify(key, &changed), Some(false));
        // A key of another kind is not even asked.
        for (other, _) in all.iter().filter(|(other, _)| *other != key) {
            assert_eq!(verify(other, token), None);
        }
    }
}

/// Tokens that OpenSSL has signed, with every algorithm of its two keys.
#[tokio::test]
async fn every_algorithm_agrees_with_openssl() {
    let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let keys = KeySet::parse(vectors["jwks"].to_string().as_bytes()).unwrap();
    let validator = JwtValidator::new(ISSUER, AUDIENCE, keys.clone());
    let tokens = vectors["tokens"].as_object().unwrap();
    assert_eq!(tokens.len(), 7);
    for (name, token) in tokens {
        let token = token.as_str().unwrap();
        check(&validator, token).await.unwrap();
        // The same key with another algorithm of its kind; the list of what is allowed.
        let others = tokens
            .values()
            .filter_map(Value::as_str)
            .filter(|other| *other != token);
        for other in others {
            let (message, _) = other.rsplit_once('.').unwrap();
            let (_, signature) = token.rsplit_once('.').unwrap();
            let mixed = format!("{message}.{signature}");
            assert!(check(&validator, &mixed).await.is_err(), "{name}");
        }
        let only = validator
            .clone()
            .algorithms([Algorithm::EdDsa, Algorithm::Es256]);
        let refused = check(&only, token).await.unwrap_err();
        assert_eq!(refused, "the token's algorithm is not allowed");
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let header = json!({"alg": "EdDSA", "kid": "ed"});
    let good = sign(&header, &claims());
    let none = format!("{}.{}.", encode(&json!({"alg": "none"})), encode(&claims()));
    let principal = Principal::new(ISSUER, "ada");
    contract(&validator(), &[(&good, principal)], &[&none]).await;
}

#[tokio::test]
async fn headers_that_are_refused() {
    let good = json!({"alg": "EdDSA", "kid": "ed", "typ": "at+jwt"});
    assert!(check(&validator(), &sign(&good, &claims())).await.is_ok());
    let changes = [
        ("alg", json!("none")),
        ("alg", json!("None")),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("alg", json!("RS256")),
        ("alg", json!(["EdDSA"])),
        ("kid", json!("other")),
        ("kid", json!(["ed"])),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("logout+jwt")),
        ("cty", json!("JWT")),
        ("crit", json!(["b64"])),
        ("crit", json!([])),
    ];
    for (member, value) in changes {
        let mut header = good.clone();
        header[member] = value.clone();
        let token = sign(&header, &claims());
        assert!(
            check(&validator(), &token).await.is_err(),
            "{member}: {value}"
        );
    }
    // A key that the token brings along is not looked at.
    let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    let x = URL_SAFE_NO_PAD.encode(other.public_key());
    let header = json!({"alg": "EdDSA", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}});
    let message = format!("{}.{}", encode(&header), encode(&claims()));
    let signature = URL_SAFE_NO_PAD.encode(other.sign(message.as_bytes()));
    assert!(
        check(&validator(), &format!("{message}.{signature}"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn types_of_tokens() {
    let strict = validator().strict_type();
    for (typ, accepted, accepted_strictly) in [
        (json!("at+jwt"), true, true),
        (json!("application/AT+JWT"), true, true),
        (json!("JWT"), true, false),
        (json!(null), true, false),
        (json!("id+jwt"), false, false),
    ] {
        let token = sign(&json!({"alg": "EdDSA", "typ": typ}), &claims());
        assert_eq!(check(&validator(), &token).await.is_ok(), accepted, "{typ}");
        assert_eq!(
            check(&strict, &token).await.is_ok(),
            accepted_strictly,
            "{typ}"
        );
    }
}

#[tokio::test]
async fn shapes_that_are_refused() {
    let good = sign(&json!({"alg": "EdDSA"}), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    for token in [
        format!("{good}."),
        format!("{good}.x"),
        format!("{message}."),
        message.to_owned(),
        // An encrypted token has five parts.
        "a.b.c.d.e".to_owned(),
        format!("{message}.{signature}="),
        format!("{message}.{}", signature.replace(['-', '_'], "+")),
    ] {
        let changed = token != good;
        assert!(
            !changed || check(&validator(), &token).await.is_err(),
            "{token}"
        );
    }
}

fn at(seconds: u64) -> std::time::SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn at_now(claims: &Value) -> Result<Identity, String> {
    let checks = validator().leeway(Duration::from_secs(60)).checks;
    let checked = checks.check(claims.to_string().as_bytes(), at(NOW));
    checked.map_err(|error| error.to_string())
}

#[test]
fn claims_are_for_us_and_good_now() {
    let identity = at_now(&claims()).unwrap();
    assert_eq!(identity.principal(), &Principal::new(ISSUER, "ada"));
    assert_eq!(identity.claim("aud"), Some(&json!(AUDIENCE)));
    let accepted = [
        ("aud", json!(["x", AUDIENCE])),
        ("exp", json!(NOW - 59)),
        ("exp", json!(NOW as f64 + 0.5)),
        ("nbf", json!(NOW + 60)),
        ("scope", json!("a b")),
        ("scp", json!(["a", "b"])),
        ("more", json!({"a": [1]})),
    ];
    let refused = [
        ("iss", json!("https://login.example.com/")),
        ("iss", json!(null)),
        ("iss", json!([ISSUER])),
        ("aud", json!("https://example.com/mcp/")),
        ("aud", json!("https://example.com")),
        ("aud", json!([])),
        ("aud", json!(null)),
        ("aud", json!({})),
        ("sub", json!("")),
        ("sub", json!(null)),
        ("sub", json!(7)),
        ("exp", json!(NOW - 60)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!("9999999999")),
        ("exp", json!(null)),
        ("nbf", json!(NOW + 61)),
        ("nbf", json!("0")),
        ("nbf", json!(-1)),
        ("scope", json!(7)),
        ("scope", json!("a\"b")),
        ("scp", json!([1])),
    ];
    let changed = |member: &str, value: &Value| {
        let mut claims = claims();
        claims[member] = value.clone();
        at_now(&claims)
    };
    for (member, value) in accepted {
        assert!(changed(member, &value).is_ok(), "{member}: {value}");
    }
    for (member, value) in refused {
        assert!(changed(member, &value).is_err(), "{member}: {value}");
    }
    for member in ["iss", "sub", "aud", "exp"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(member);
        assert!(at_now(&claims).is_err(), "without {member}");
    }
}

#[test]
fn a_claim_that_is_there_twice_is_refused() {
    let text = claims().to_string().replacen('{', r#"{"aud":"x","#, 1);
    let checked = validator().checks.check(text.as_bytes(), at(NOW));
    assert!(checked.is_err());
}

#[test]
fn scopes_have_two_spellings() {
    for (member, value) in [
        ("scope", json!("b a")),
        ("scp", json!(["a", "b"])),
        ("scp", json!("a b")),
    ] {
        let mut claims = claims();
        claims[member] = value;
        assert_eq!(at_now(&claims).unwrap().scopes().to_string(), "a b");
    }
    assert!(at_now(&claims()).unwrap().scopes().is_empty());
}

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

#[tokio::test]
async fn a_key_is_used_only_as_it_says() {
    let mut key = jwk();
    key["alg"] = json!("ES256");
    let validator = JwtValidator::new(ISSUER, AUDIENCE, set(&[key]));
    let token = sign(&json!({"alg": "EdDSA"}), &claims());
    let refused = check(&validator, &token).await.unwrap_err();
    assert_eq!(refused, "the token's key is not known");
}
