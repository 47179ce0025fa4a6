//! `WWW-Authenticate`: what a caller is told to do (RFC 6750 section 3, RFC 9728 section 5.1).

use super::ResourceMetadata;
use http::{HeaderMap, HeaderValue, header};
use mcp_core::Scopes;

/// The challenges of one endpoint, written once.
#[derive(Clone)]
pub(super) struct Challenges {
    /// `resource_metadata="…"`.
    metadata: String,
    pub(super) no_token: HeaderValue,
    pub(super) invalid_token: HeaderValue,
    pub(super) invalid_request: HeaderValue,
    pub(super) insufficient_scope: HeaderValue,
}

impl Challenges {
    /// `scopes` is what a caller needs to get in at all.
    pub(super) fn new(metadata: &ResourceMetadata, scopes: &Scopes) -> Self {
        // Neither URLs nor scopes hold a quote: both were checked when they were given.
        let metadata = format!(r#"resource_metadata="{}""#, metadata.url());
        let scope = if scopes.is_empty() {
            String::new()
        } else {
            format!(r#", scope="{scopes}""#)
        };
        Self {
            no_token: value(format!("Bearer {metadata}{scope}")),
            invalid_token: value(format!(
                r#"Bearer {metadata}{scope}, error="invalid_token""#
            )),
            invalid_request: value(format!(r#"Bearer {metadata}, error="invalid_request""#)),
            insufficient_scope: value(format!(
                r#"Bearer error="insufficient_scope"{scope}, {metadata}"#
            )),
            metadata,
        }
    }

    /// Adds to the challenge of an operation what only the outside knows: where the document is.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        let header::Entry::Occupied(mut values) = headers.entry(header::WWW_AUTHENTICATE) else {
            return;
        };
        for challenge in values.iter_mut() {
            if let Some(completed) = self.completed(challenge) {
                *challenge = completed;
            }
        }
    }

    fn completed(&self, challenge: &HeaderValue) -> Option<HeaderValue> {
        let text = challenge.to_str().ok()?;
        let is_ours = text.starts_with("Bearer ")
            && text.contains(r#"error="insufficient_scope""#)
            && !text.contains("resource_metadata=");
        is_ours.then(|| value(format!("{text}, {}", self.metadata)))
    }
}

fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_challenge_of_an_operation_is_completed() {
        let metadata = ResourceMetadata::new("https://a.example/mcp", ["https://b.example"]);
        let challenges = Challenges::new(&metadata.unwrap(), &Scopes::none());
        let incomplete = r#"Bearer error="insufficient_scope", scope="a b""#;
        let other = r#"Basic realm="x""#;
        let mut headers = HeaderMap::new();
        for challenge in [incomplete, other] {
            headers.append(header::WWW_AUTHENTICATE, challenge.parse().unwrap());
        }
        challenges.complete(&mut headers);
        let once = headers.clone();
        challenges.complete(&mut headers);
        assert_eq!(headers, once);
        let values: Vec<_> = headers.get_all(header::WWW_AUTHENTICATE).iter().collect();
        let url = "https://a.example/.well-known/oauth-protected-resource/mcp";
        assert_eq!(
            values[0],
            &format!(r#"{incomplete}, resource_metadata="{url}""#)
        );
        assert_eq!(values[1], other);
    }
}
