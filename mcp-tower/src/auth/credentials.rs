//! Finding what a request proves itself with (RFC 6750, section 2; RFC 7617, section 2).

use super::Token;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, Uri, header};

/// The longest token that is looked at, in bytes as they were sent.
pub(super) const MAX_TOKEN: usize = 16 * 1024;

/// How callers send what they prove themselves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Bearer,
    Basic,
}

/// What a request proves itself with.
pub(super) struct Credentials(Form);

enum Form {
    /// A header, and where the token in it begins.
    Header { value: HeaderValue, start: usize },
    /// What a header comes to.
    Decoded(String),
}

/// A request that tries to prove something, but not in a way that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

impl Scheme {
    /// The credentials of a request; `None` if there are none of this scheme where they belong.
    ///
    /// A token in the query is never accepted: it would be in every log on the way. Alone it
    /// counts as none; beside a header it is the second of two methods, of which RFC 6750 allows
    /// one.
    pub(super) fn read(
        self,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Option<Credentials>, Malformed> {
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
        if !scheme.eq_ignore_ascii_case(self.name()) {
            return Ok(None);
        }
        let token = rest.trim_start_matches(' ');
        if token.len() > MAX_TOKEN {
            return Err(Malformed("the token is too long"));
        }
        if self.is_misplaced(uri) {
            return Err(Malformed("a token is sent in a header, and only there"));
        }
        let form = match self {
            Self::Bearer if is_token(token) => Form::Header {
                value: value.clone(),
                start: text.len() - token.len(),
            },
            Self::Bearer => return Err(Malformed("what follows `Bearer` is not a token")),
            Self::Basic => {
                let decoded = user_and_password(token);
                let malformed = Malformed("what follows `Basic` is no user and password");
                Form::Decoded(decoded.ok_or(malformed)?)
            }
        };
        Ok(Some(Credentials(form)))
    }

    /// Whether a token was sent where it must not be.
    pub(super) fn is_misplaced(self, uri: &Uri) -> bool {
        let mut pairs = uri.query().unwrap_or_default().split('&');
        self == Self::Bearer && pairs.any(|pair| pair.split('=').next() == Some("access_token"))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Basic => "basic",
        }
    }

    /// What those are told who send nothing.
    pub(super) fn needed(self) -> &'static str {
        match self {
            Self::Bearer => "a bearer token is needed",
            Self::Basic => "a user and a password are needed",
        }
    }

    /// What those are told who send what is not accepted.
    pub(super) fn wrong(self) -> &'static str {
        match self {
            Self::Bearer => "the token is not valid",
            Self::Basic => "the user or the password is wrong",
        }
    }
}

impl Credentials {
    pub(super) fn token(&self) -> Token<'_> {
        Token::new(match &self.0 {
            // It was ASCII when it was read.
            Form::Header { value, start } => value.to_str().map_or("", |text| &text[*start..]),
            Form::Decoded(text) => text,
        })
    }
}

/// `b64token` of RFC 6750.
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let allowed = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    !body.is_empty() && body.bytes().all(allowed)
}

/// `user-pass` of RFC 7617, decoded: UTF-8 with a colon and without control characters.
fn user_and_password(token: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    (decoded.contains(':') && !decoded.contains(char::is_control)).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scheme: Scheme, uri: &'static str, values: &[&str]) -> Result<Option<String>, Malformed> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        let found = scheme.read(&Uri::from_static(uri), &headers)?;
        Ok(found.map(|found| found.token().expose().to_owned()))
    }

    fn read(uri: &'static str, values: &[&str]) -> Result<Option<String>, Malformed> {
        of(Scheme::Bearer, uri, values)
    }

    fn basic(text: impl AsRef<[u8]>) -> Result<Option<String>, Malformed> {
        let header = format!("Basic {}", STANDARD.encode(text));
        of(Scheme::Basic, "/mcp?access_token=x", &[&header])
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

    #[test]
    fn a_user_and_a_password_are_decoded() {
        for text in ["ada:secret", "ada:", ":secret", ":", "ada:a:b ", "ädä:日本"] {
            assert_eq!(basic(text), Ok(Some(text.to_owned())));
        }
        let spelled = of(Scheme::Basic, "/mcp", &["BASIC  YTpi"]);
        assert_eq!(spelled, Ok(Some("a:b".to_owned())));
        assert_eq!(of(Scheme::Basic, "/mcp", &["Bearer abc"]), Ok(None));
    }

    #[test]
    fn what_is_no_user_and_password_is_malformed() {
        for text in [
            &b""[..],
            b"ada",
            b"ada\xff:x",
            b"ada:\0",
            b"a\nb:c",
            b"a:\x7f",
        ] {
            assert!(basic(text).is_err(), "{text:?}");
        }
        // `a:b` is `YTpi`, and `a:` is `YTo=`.
        let long = format!("Basic {}", "YTpi".repeat(MAX_TOKEN / 4 + 1));
        for value in [
            "Basic",
            "Basic YTo",
            "Basic YTp=",
            "Basic YT pi",
            "Basic YTpi, x",
            &long,
        ] {
            let read = of(Scheme::Basic, "/mcp", &[value]);
            assert!(read.is_err(), "{value:?}");
        }
    }
}
