//! URLs of configuration: of the endpoint itself, and of those that are asked about tokens.

use http::{Uri, uri::Scheme};
use std::fmt;

/// A URL that cannot be used where it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUrl(&'static str);

impl InvalidUrl {
    pub(super) const fn missing(reason: &'static str) -> Self {
        Self(reason)
    }
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidUrl {}

fn parse(text: &str) -> Result<Uri, InvalidUrl> {
    if text.contains('#') {
        return Err(InvalidUrl("a URL here has no fragment"));
    }
    // Would end a quoted string inside a challenge.
    if text.contains(['"', '\\']) || !text.is_ascii() {
        return Err(InvalidUrl("a URL is ASCII without quotes; encode the rest"));
    }
    let uri: Uri = text.parse().map_err(|_| InvalidUrl("that is no URL"))?;
    let authority = uri.authority().ok_or(InvalidUrl("the URL has no host"))?;
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return Err(InvalidUrl("a URL here has a host and no user"));
    }
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS || *scheme == Scheme::HTTP => Ok(uri),
        _ => Err(InvalidUrl("a URL here begins with https:// or http://")),
    }
}

/// Origin and path in canonical form.
pub(super) fn canonical(text: &str) -> Result<(String, String), InvalidUrl> {
    let uri = parse(text)?;
    if uri.query().is_some() {
        return Err(InvalidUrl("a URL here has no query"));
    }
    let (scheme, default) = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => ("https", 443),
        _ => ("http", 80),
    };
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let port = uri.port_u16().filter(|port| *port != default);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let path = uri.path().trim_end_matches('/').to_owned();
    Ok((format!("{scheme}://{host}{port}"), path))
}

/// A URL that keys and answers about tokens are fetched from: whoever can change what it answers
/// can let anybody in, so it is HTTPS, or on this machine.
pub(super) fn trusted(text: &str) -> Result<Uri, InvalidUrl> {
    let uri = parse(text)?;
    if uri.scheme() == Some(&Scheme::HTTPS) || is_loopback(uri.host().unwrap_or_default()) {
        return Ok(uri);
    }
    Err(InvalidUrl("only HTTPS is trusted, except on this machine"))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<std::net::IpAddr> = bare.parse().ok();
    host.eq_ignore_ascii_case("localhost") || address.is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_about_tokens_is_safe_from_others() {
        for url in [
            "https://a.example/jwks?x=y",
            "http://127.0.0.1:1/",
            "http://[::1]/",
            "http://localhost/j",
        ] {
            assert!(trusted(url).is_ok(), "{url}");
        }
        for url in [
            "http://a.example/",
            "http://localhost.example/",
            "ftp://a",
            "http://10.0.0.1/",
        ] {
            assert!(trusted(url).is_err(), "{url}");
        }
    }
}
