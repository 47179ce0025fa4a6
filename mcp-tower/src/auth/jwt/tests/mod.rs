use super::*;
use crate::auth::contract;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mcp_core::Principal;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

mod claims;
mod keys;

const ISSUER: &str = "https://login.example.com";
const AUDIENCE: &str = "https://example.com/mcp";

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

/// Tokens that OpenSSL has signed, with every algorithm of its two keys, and those.
fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors.json")).unwrap()
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

#[tokio::test]
async fn every_algorithm_agrees_with_openssl() {
    let vectors = vectors();
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
async fn members_of_headers() {
    let signed = |header: &str| {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), encode(&claims()));
        let signature = URL_SAFE_NO_PAD.encode(pair().sign(message.as_bytes()));
        format!("{message}.{signature}")
    };
    for (header, accepted) in [
        (
            r#"{"alg":"EdDSA","kid":"ed","x5u":"https://evil.example.com","ours":"1"}"#,
            true,
        ),
        // The library reads unknown members as text, and nothing else.
        (r#"{"alg":"EdDSA","ours":1}"#, false),
        (r#"{"alg":"none","alg":"EdDSA"}"#, false),
        (r#"{"alg":"EdDSA","alg":"EdDSA"}"#, false),
        (r#"{"alg":"EdDSA","kid":"other","kid":"ed"}"#, false),
        (r#"{"ALG":"EdDSA"}"#, false),
        (r#"{"kid":"ed"}"#, false),
        (r#"{"alg":"EdDSA"} x"#, false),
        (r#"["EdDSA"]"#, false),
    ] {
        let checked = check(&validator(), &signed(header)).await;
        assert_eq!(checked.is_ok(), accepted, "{header}");
    }
}

/// Whatever is in the place of a signature is refused, and nothing panics at it.
#[tokio::test]
async fn signatures_of_any_length_are_refused() {
    let vectors = vectors();
    let mut keys = vectors["jwks"]["keys"].as_array().unwrap().clone();
    keys.push(jwk());
    let validator = JwtValidator::new(ISSUER, AUDIENCE, set(&keys));
    for (algorithm, kid) in [
        ("RS256", "rsa"),
        ("PS512", "rsa"),
        ("ES384", "p384"),
        ("EdDSA", "ed"),
    ] {
        let header = json!({"alg": algorithm, "kid": kid});
        for length in [0, 1, 32, 63, 64, 65, 95, 96, 97, 255, 256, 257, 512] {
            for byte in [0, 1, 0xff] {
                let signature = URL_SAFE_NO_PAD.encode(vec![byte; length]);
                let token = format!("{}.{}.{signature}", encode(&header), encode(&claims()));
                let refused = check(&validator, &token).await.unwrap_err();
                assert_eq!(refused, "the signature of the token is wrong");
            }
        }
    }
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
