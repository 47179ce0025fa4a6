//! What the authorization server says of a token, and whether that is enough.

use crate::auth::{
    Identity,
    claims::{Date, OneOrMany},
};
use mcp_core::{Principal, Scopes};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};
use std::time::SystemTime;

/// An answer (RFC 7662, section 2.2). A member of another type than it must have makes it
/// unreadable.
pub(super) struct Answer {
    known: Known,
    all: Map<String, Value>,
}

#[derive(Deserialize)]
struct Known {
    active: bool,
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<OneOrMany>,
    exp: Option<Date>,
    nbf: Option<Date>,
    scope: Option<OneOrMany>,
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Map::deserialize(deserializer)?;
        let known = Known::deserialize(&all).map_err(de::Error::custom)?;
        Ok(Self { known, all })
    }
}

#[derive(Clone, Debug)]
pub(super) struct Checks {
    issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) any_audience: bool,
}

impl Checks {
    pub(super) fn new(issuer: String) -> Self {
        Self {
            issuer,
            audiences: Vec::new(),
            any_audience: false,
        }
    }

    /// The clock that decides about times is the authorization server's, which has just said
    /// `active`; ours is asked too, so that an answer that contradicts itself is not believed.
    pub(super) fn check(&self, answer: Answer, now: SystemTime) -> Result<Identity, &'static str> {
        let Answer { known, all } = answer;
        if !known.active {
            return Err("the token is not active");
        }
        if known.iss.is_some_and(|issuer| issuer != self.issuer) {
            return Err("the token is of another issuer");
        }
        let names = |ours: &String| known.aud.as_ref().is_some_and(|aud| aud.has(ours));
        if !self.any_audience && !self.audiences.iter().any(names) {
            return Err("the token is for another audience");
        }
        let subject = known.sub.filter(|subject| !subject.is_empty());
        let subject = subject.ok_or("the token has no subject")?;
        let principal = Principal::new(self.issuer.as_str(), subject);
        let scopes = match known.scope {
            Some(scopes) => scopes.scopes().map_err(|_| "the scopes cannot be read")?,
            None => Scopes::none(),
        };
        let identity = Identity::new(principal)
            .with_scopes(scopes)
            .with_claims(all);
        let time = |date: Date| date.time().ok_or("a time of the token makes no sense");
        if known.nbf.map(time).transpose()?.is_some_and(|at| now < at) {
            return Err("the token is not good yet");
        }
        match known.exp.map(time).transpose()? {
            Some(at) if at <= now => Err("the token is expired"),
            Some(at) => Ok(identity.with_expiry(at)),
            None => Ok(identity),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::{Duration, UNIX_EPOCH};

    const AUDIENCE: &str = "https://example.com/mcp";

    fn check(answer: Value) -> Result<Identity, &'static str> {
        let mut checks = Checks::new("https://login.example.com".to_owned());
        checks.audiences.push(AUDIENCE.to_owned());
        let answer = serde_json::from_value(answer).map_err(|_| "unreadable")?;
        checks.check(answer, UNIX_EPOCH + Duration::from_secs(1000))
    }

    fn good() -> Value {
        json!({"active": true, "sub": "ada", "aud": [AUDIENCE, "x"], "exp": 1001, "scope": "a b"})
    }

    #[test]
    fn an_active_token_for_us_is_accepted() {
        let identity = check(good()).unwrap();
        assert_eq!(
            identity.principal(),
            &Principal::new("https://login.example.com", "ada")
        );
        assert_eq!(identity.scopes().to_string(), "a b");
        assert_eq!(
            identity.expires_at(),
            Some(UNIX_EPOCH + Duration::from_secs(1001))
        );
    }

    #[test]
    fn anything_else_is_not() {
        for (member, value) in [
            ("active", json!(false)),
            ("active", json!("true")),
            ("active", json!(null)),
            ("iss", json!("https://other.example.com")),
            ("sub", json!("")),
            ("sub", json!(null)),
            ("aud", json!("x")),
            ("aud", json!([])),
            ("aud", json!(null)),
            ("aud", json!({})),
            ("exp", json!(1000)),
            ("exp", json!("2000")),
            ("exp", json!(-1)),
            ("exp", json!(1e300)),
            ("nbf", json!(1001)),
            ("scope", json!(7)),
            ("scope", json!("a\"b")),
        ] {
            let mut answer = good();
            answer[member] = value.clone();
            assert!(check(answer).is_err(), "{member}: {value}");
        }
        assert!(check(json!([])).is_err());
    }

    #[test]
    fn without_an_audience_nothing_is_accepted() {
        let answer = serde_json::from_value(good()).unwrap();
        let checks = Checks::new("https://login.example.com".to_owned());
        assert!(checks.check(answer, UNIX_EPOCH).is_err());
    }
}
