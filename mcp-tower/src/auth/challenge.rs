//! `WWW-Authenticate`: what a caller is told to do (RFC 6750 section 3, RFC 7617 section 2, RFC
//! 9728 section 5.1).

use super::{ResourceMetadata, realm::Realm};
use http::{HeaderMap, HeaderValue, header};
use mcp_core::Scopes;

/// The challenges of one endpoint, written once.
#[derive(Clone)]
pub(super) struct Challenges {
    place: Place,
    pub(super) no_token: HeaderValue,
    pub(super) invalid_token: HeaderValue,
    /// `Basic` has no words for this, nor for the next one.
    pub(super) invalid_request: Option<HeaderValue>,
    pub(super) insufficient_scope: Option<HeaderValue>,
}

#[derive(Clone)]
enum Place {
    /// What every challenge says about the endpoint: `resource_metadata="…"` or `realm="…"`.
    Bearer(String),
    Basic,
}

impl Challenges {
    /// Where there is a document that says where to get a token.
    pub(super) fn documented(metadata: &ResourceMetadata) -> Self {
        // Neither URLs nor scopes hold a quote: both were checked when they were given.
        let place = format!(r#"resource_metadata="{}""#, metadata.url());
        Self::bearer(place, metadata.scopes())
    }

    /// Where tokens are handed out by hand.
    pub(super) fn bearer_in(realm: Realm<'_>) -> Self {
        Self::bearer(realm.to_string(), &Scopes::none())
    }

    pub(super) fn basic_in(realm: Realm<'_>) -> Self {
        let challenge = value(format!(r#"Basic {realm}, charset="UTF-8""#), "Basic");
        Self {
            place: Place::Basic,
            no_token: challenge.clone(),
            invalid_token: challenge,
            invalid_request: None,
            insufficient_scope: None,
        }
    }

    /// `scopes` is what a caller needs to get in at all.
    fn bearer(place: String, scopes: &Scopes) -> Self {
        let scope = if scopes.is_empty() {
            String::new()
        } else {
            format!(r#", scope="{scopes}""#)
        };
        let insufficient = format!(r#"Bearer error="insufficient_scope"{scope}, {place}"#);
        let invalid = format!(r#"Bearer {place}, error="invalid_request""#);
        Self {
            no_token: bearer(format!("Bearer {place}{scope}")),
            invalid_token: bearer(format!(r#"Bearer {place}{scope}, error="invalid_token""#)),
            invalid_request: Some(bearer(invalid)),
            insufficient_scope: Some(bearer(insufficient)),
            place: Place::Bearer(place),
        }
    }

    /// The same, for callers that need these scopes to get in at all.
    pub(super) fn asking_for(&self, scopes: &Scopes) -> Self {
        match &self.place {
            Place::Bearer(place) => Self::bearer(place.clone(), scopes),
            Place::Basic => self.clone(),
        }
    }

    /// Adds to the challenge of an operation what only the outside knows: where the document is, or
    /// what the realm is called. Where no bearer token is taken, nobody is sent for one.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        let header::Entry::Occupied(mut values) = headers.entry(header::WWW_AUTHENTICATE) else {
            return;
        };
        let Place::Bearer(place) = &self.place else {
            let others: Vec<_> = values
                .iter()
                .filter(|one| !is_incomplete(one))
                .cloned()
                .collect();
            values.remove();
            for other in others {
                headers.append(header::WWW_AUTHENTICATE, other);
            }
            return;
        };
        for challenge in values.iter_mut().filter(|one| is_incomplete(one)) {
            if let Ok(text) = challenge.to_str() {
                *challenge = bearer(format!("{text}, {place}"));
            }
        }
    }
}

/// Whether an operation has made it, and nobody who knows the endpoint has seen it yet.
fn is_incomplete(challenge: &HeaderValue) -> bool {
    challenge.to_str().is_ok_and(|text| {
        text.starts_with("Bearer ")
            && text.contains(r#"error="insufficient_scope""#)
            && !text.contains("resource_metadata=")
            && !text.contains(r#" realm=""#)
    })
}

fn bearer(text: String) -> HeaderValue {
    value(text, "Bearer")
}

fn value(text: String, otherwise: &'static str) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(otherwise))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INCOMPLETE: &str = r#"Bearer error="insufficient_scope", scope="a b""#;
    const OTHER: &str = r#"Basic realm="x""#;

    /// What becomes of two challenges, once and for all.
    fn completed(challenges: &Challenges) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for challenge in [INCOMPLETE, OTHER] {
            headers.append(header::WWW_AUTHENTICATE, challenge.parse().unwrap());
        }
        challenges.complete(&mut headers);
        let once = headers.clone();
        challenges.complete(&mut headers);
        assert_eq!(headers, once);
        let values = headers.get_all(header::WWW_AUTHENTICATE).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn only_a_challenge_of_an_operation_is_completed() {
        let metadata = ResourceMetadata::new("https://a.example/mcp", ["https://b.example"]);
        let challenges = Challenges::documented(&metadata.unwrap());
        let url = "https://a.example/.well-known/oauth-protected-resource/mcp";
        assert_eq!(
            completed(&challenges),
            [
                &format!(r#"{INCOMPLETE}, resource_metadata="{url}""#),
                OTHER
            ]
        );
        let challenges = Challenges::bearer_in(Realm::new("notes").unwrap());
        assert_eq!(
            completed(&challenges),
            [&format!(r#"{INCOMPLETE}, realm="notes""#), OTHER]
        );
    }

    #[test]
    fn nobody_is_sent_for_a_token_that_is_not_taken() {
        let challenges = Challenges::basic_in(Realm::new("notes").unwrap());
        assert_eq!(completed(&challenges), [OTHER]);
    }
}
