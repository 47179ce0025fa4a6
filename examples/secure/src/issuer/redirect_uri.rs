//! Where a client may have its users sent back to.

use http::Uri;
use std::net::IpAddr;

/// A redirect URI as it was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RedirectUri(String);

const LONGEST: usize = 2000;

impl RedirectUri {
    /// HTTPS; HTTP on this machine; or a scheme that belongs to an application, with a dot in its
    /// name (RFC 8252 §7.1). No fragment, no user.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let printable = text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        if text.len() > LONGEST || !printable || text.contains(['#', '\\', '"', '<', '>']) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        let allowed = match scheme.to_ascii_lowercase().as_str() {
            "https" => web(text).is_some(),
            "http" => web(text).is_some_and(|(host, _)| is_loopback(host)),
            scheme => scheme.contains('.') && is_scheme(scheme) && !rest.is_empty(),
        };
        allowed.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Exactly the same; except that a program on this machine listens on whatever port is free
    /// (RFC 8252 §7.3), so there the port does not count.
    pub(super) fn matches(&self, sent: &str) -> bool {
        if self.0 == sent {
            return true;
        }
        let (Some((host, rest)), Some((sent_host, sent_rest))) = (web(&self.0), web(sent)) else {
            return false;
        };
        let plain = |uri: &str| uri.starts_with("http://");
        plain(&self.0)
            && plain(sent)
            && Self::parse(sent).is_some()
            && is_loopback(host)
            && host == sent_host
            && rest == sent_rest
    }
}

/// Host, and path with query, of a URI that has a host and no user.
fn web(text: &str) -> Option<(&str, &str)> {
    let uri: Uri = text.parse().ok()?;
    if uri.authority()?.as_str().contains('@') || uri.host()?.is_empty() {
        return None;
    }
    let after = &text[text.find("://")? + 3..];
    let path = after.find(['/', '?']).unwrap_or(after.len());
    let authority = &after[..path];
    // What follows the last colon is the port, unless the colon belongs to an IPv6 address.
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    Some((host, &after[path..]))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_registered() {
        for good in [
            "https://app.example.com/callback?from=mcp",
            "http://localhost:3000/callback",
            "http://127.0.0.1/callback",
            "http://[::1]:4000/",
            "com.example.app:/callback",
        ] {
            assert!(RedirectUri::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "callback",
            "http://app.example.com/callback",
            "http://localhost.example.com/",
            "http://localhost@evil.example/",
            "https://app.example.com/#fragment",
            "https://app.example.com/a b",
            "https:///callback",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            assert!(RedirectUri::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_the_port_of_this_machine_is_free() {
        let here = RedirectUri::parse("http://127.0.0.1:3000/callback").unwrap();
        assert!(here.matches("http://127.0.0.1:3000/callback"));
        assert!(here.matches("http://127.0.0.1:49152/callback"));
        assert!(here.matches("http://127.0.0.1/callback"));
        let v6 = RedirectUri::parse("http://[::1]/cb").unwrap();
        assert!(v6.matches("http://[::1]:8/cb"));
        for other in [
            "http://localhost:3000/callback",
            "http://127.0.0.1:3000/callback/",
            "http://127.0.0.1:3000/callback?x=1",
            "https://127.0.0.1:3000/callback",
            "http://127.0.0.1:3000@evil.example/callback",
            "http://127.0.0.2:3000/callback",
        ] {
            assert!(!here.matches(other), "{other}");
        }
        let there = RedirectUri::parse("https://app.example.com/callback").unwrap();
        assert!(there.matches("https://app.example.com/callback"));
        assert!(!there.matches("https://app.example.com:8443/callback"));
        assert!(!there.matches("https://app.example.com/callback/../x"));
    }
}
