//! Who asks for a token (RFC 6749, section 2.3.1).

use super::{endpoint::TokenRequest, error::OAuthError};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

/// What a client says that it is.
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) secret: String,
}

impl Claim {
    /// From the header or from the form: a secret is in one of them.
    pub(super) fn read(headers: &HeaderMap, form: &TokenRequest) -> Result<Self, OAuthError> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            let both = form.client_id.clone().zip(form.client_secret.clone());
            let (id, secret) = both.ok_or(OAuthError::Client)?;
            return Ok(Self { id, secret });
        };
        if values.next().is_some() || form.client_secret.is_some() {
            let twice = "a client says in one way who it is";
            return Err(OAuthError::Request(twice));
        }
        let claim = value.to_str().ok().and_then(basic);
        let claim = claim.ok_or(OAuthError::Client)?;
        // Some clients name themselves in the form too.
        if form.client_id.as_ref().is_some_and(|id| *id != claim.id) {
            let twice = "the header and the form name two clients";
            return Err(OAuthError::Request(twice));
        }
        Ok(claim)
    }
}

/// Both are encoded as in a form, and then as `Basic` has it.
fn basic(header: &str) -> Option<Claim> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(rest.trim_start_matches(' ')).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some(Claim {
        id: unformed(id)?,
        secret: unformed(secret)?,
    })
}

fn unformed(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_in_a_header_is_decoded_twice() {
        let header = format!("bAsIc  {}", BASE64_STANDARD.encode("a%3Ab+c:d%25e%C3%A9:f"));
        let claim = basic(&header).unwrap();
        assert_eq!((&*claim.id, &*claim.secret), ("a:b c", "d%eé:f"));
        for text in ["no colon", "a:%ff"] {
            let header = format!("Basic {}", BASE64_STANDARD.encode(text));
            assert!(basic(&header).is_none(), "{text}");
        }
        assert!(basic("Basic YTo").is_none() && basic("Bearer YTpi").is_none());
    }
}
