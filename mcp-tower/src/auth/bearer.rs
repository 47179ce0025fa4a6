//! Finding the token of a request (RFC 6750, section 2).

use super::Token;
use http::{HeaderMap, HeaderValue, Uri, header};

/// The longest token that is looked at, in bytes.
pub(super) const MAX_TOKEN: usize = 16 * 1024;

/// A token and the header that it came in.
pub(super) struct Bearer {
    header: HeaderValue,
    start: usize,
}

/// A request that tries to prove something, but not in a way that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

impl Bearer {
    /// The token of a request; `None` if there is none where tokens belong.
    ///
    /// A token in the query is never accepted: it would be in every log on the way. Alone it
    /// counts as none; beside a header it is the second of two methods, of which RFC 6750 allows
    /// one.
    pub(super) fn read(uri: &Uri, headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Malformed("there is more than one `Authorization` header"));
        }
        let text = value.to_str();
        let text = text.map_err(|_| Malformed("the `Authorization` header is not ASCII"))?;
        let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        let token = rest.trim_start_matches(' ');
        if token.len() > MAX_TOKEN {
            return Err(Malformed("the token is too long"));
        }
        if !is_token(token) {
            return Err(Malformed("what follows `Bearer` is not a token"));
        }
        if has_query_token(uri) {
            return Err(Malformed("a token is sent in a header, and only there"));
        }
        Ok(Some(Self {
            header: value.clone(),
            start: text.len() - token.len(),
        }))
    }

    pub(super) fn token(&self) -> Token<'_> {
        // It was ASCII when it was read.
        Token::new(self.header.to_str().map_or("", |text| &text[self.start..]))
    }
}

/// Whether a token was sent where it must not be.
pub(super) fn has_query_token(uri: &Uri) -> bool {
    let mut pairs = uri.query().unwrap_or_default().split('&');
    pairs.any(|pair| pair.split('=').next() == Some("access_token"))
}

/// `b64token` of RFC 6750.
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let allowed = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    !body.is_empty() && body.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &'static str, values: &[&str]) -> Result<Option<String>, Malformed> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        let bearer = Bearer::read(&Uri::from_static(uri), &headers)?;
        Ok(bearer.map(|bearer| bearer.token().expose().to_owned()))
    }

    #[test]
    fn a_token_is_found_where_it_belongs() {
        for value in ["Bearer abc", "bearer abc", "BEARER   abc"] {
            assert_eq!(read("/mcp", &[value]), Ok(Some("abc".to_owned())));
        }
        let odd = "-._~+/09azAZ==";
        let found = read("/mcp?x=access_token", &[&format!("Bearer {odd}")]);
        assert_eq!(found, Ok(Some(odd.to_owned())));
    }

    #[test]
    fn what_is_no_bearer_token_is_none() {
        for values in [
            &[][..],
            &["Basic dXNlcjpwYXNz"],
            &["Bearerabc"],
            &["Token x"],
        ] {
            assert_eq!(read("/mcp", values), Ok(None), "{values:?}");
        }
        assert_eq!(read("/mcp?access_token=abc", &[]), Ok(None));
    }

    #[test]
    fn what_cannot_be_read_is_malformed() {
        let long = format!("Bearer {}", "a".repeat(MAX_TOKEN + 1));
        let cases = [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a,b"],
            &["Bearer =="],
            &["Bearer a=b"],
            &["Bearer a\"b"],
            &["Bearer abc", "Bearer abc"],
            &["Bearer abc", "Basic abc"],
            &[&long],
        ];
        for values in cases {
            assert!(read("/mcp", values).is_err(), "{values:?}");
        }
        assert!(read("/mcp?access_token=abc", &["Bearer abc"]).is_err());
        assert!(read("/mcp?a=b&access_token", &["Bearer abc"]).is_err());
    }
}
