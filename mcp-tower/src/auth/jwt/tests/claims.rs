//! What is asked of claims.

use super::*;
use std::time::UNIX_EPOCH;

const NOW: u64 = 1_000_000;

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
