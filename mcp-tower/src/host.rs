//! Which hosts and origins are answered: the defence against DNS rebinding.
//!
//! A page on another site can make a browser send requests to an address of its choice, but it
//! cannot choose the `Host` and `Origin` that the browser writes.

use http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The hosts and origins that an endpoint answers to.
///
/// Loopback names (`localhost`, names below it, `127.0.0.0/8`, `[::1]`) are always allowed, with
/// any port. An origin is allowed when its host is; a request without `Origin` comes from no page.
///
/// ```
/// use mcp_tower::AllowedHosts;
///
/// let hosts = AllowedHosts::new()
///     .allow_host("mcp.example.com")
///     .allow_origin("https://app.example.com");
/// # let _ = hosts;
/// ```
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts {
    any_host: bool,
    any_origin: bool,
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Which of both is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forbidden {
    Host,
    Origin,
}

impl AllowedHosts {
    /// Loopback names only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows a public name, and pages that it serves over HTTP or HTTPS. With a port
    /// (`mcp.example.com:8443`), only that port; without, any.
    #[must_use]
    pub fn allow_host(mut self, host: impl AsRef<str>) -> Self {
        self.hosts.push(normal(host.as_ref()));
        self
    }

    /// Allows pages of another origin: scheme, host, and a port that is not the scheme's own.
    #[must_use]
    pub fn allow_origin(mut self, origin: impl AsRef<str>) -> Self {
        let origin = origin.as_ref().trim_end_matches('/');
        self.origins.push(origin.to_ascii_lowercase());
        self
    }

    /// Does not look at `Host`. Only behind a proxy that does: any name that points at the server
    /// reaches it then.
    #[must_use]
    pub fn allow_any_host(mut self) -> Self {
        self.any_host = true;
        self
    }

    /// Does not look at `Origin`. Any page a user visits can use the server then; only for servers
    /// that ask for a token.
    #[must_use]
    pub fn allow_any_origin(mut self) -> Self {
        self.any_origin = true;
        self
    }

    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Forbidden> {
        if !self.any_host {
            let allowed = match host(uri, headers) {
                Some(host) => self.allows_host(host.as_str()),
                None => false,
            };
            allowed.then_some(()).ok_or(Forbidden::Host)?;
        }
        if self.any_origin {
            return Ok(());
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let allowed = match (origins.next(), origins.next()) {
            (None, _) => true,
            (Some(origin), None) => origin
                .to_str()
                .is_ok_and(|origin| self.allows_origin(origin)),
            (Some(_), Some(_)) => false,
        };
        allowed.then_some(()).ok_or(Forbidden::Origin)
    }

    /// `authority` is a host with or without a port.
    fn allows_host(&self, authority: &str) -> bool {
        let authority = normal(authority);
        let name = without_port(&authority);
        is_loopback(name)
            || self
                .hosts
                .iter()
                .any(|host| *host == authority || host == name)
    }

    fn allows_origin(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        if self.origins.contains(&origin) {
            return true;
        }
        let authority = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        // An origin has no path, query or user.
        authority.is_some_and(|authority| {
            authority
                .parse::<Authority>()
                .is_ok_and(|parsed| parsed.as_str() == authority)
                && !authority.contains('@')
                && self.allows_host(authority)
        })
    }
}

/// The host a request is for. HTTP/2 and proxies name it in the URI, and what is named there wins;
/// otherwise there must be exactly one `Host`.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let authority = match uri.authority() {
        Some(authority) => authority.clone(),
        None => {
            let mut hosts = headers.get_all(header::HOST).iter();
            let (Some(host), None) = (hosts.next(), hosts.next()) else {
                return None;
            };
            HeaderValue::to_str(host).ok()?.parse().ok()?
        }
    };
    (!authority.as_str().contains('@')).then_some(authority)
}

/// Lower case, without the dot that ends a fully qualified name.
fn normal(authority: &str) -> String {
    let authority = authority.to_ascii_lowercase();
    let name = without_port(&authority);
    match name.strip_suffix('.') {
        Some(bare) => format!("{bare}{}", &authority[name.len()..]),
        None => authority,
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit())
                && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => authority,
    }
}

fn is_loopback(name: &str) -> bool {
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    match name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        Some(address) => address
            .parse()
            .is_ok_and(|address: Ipv6Addr| address.is_loopback()),
        None => name
            .parse()
            .is_ok_and(|address: Ipv4Addr| address.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(
        hosts: &AllowedHosts,
        uri: &str,
        host: &[&str],
        origin: &[&str],
    ) -> Result<(), Forbidden> {
        let mut headers = HeaderMap::new();
        for value in host {
            headers.append(header::HOST, value.parse().unwrap());
        }
        for value in origin {
            headers.append(header::ORIGIN, value.parse().unwrap());
        }
        hosts.check(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn hosts_are_checked() {
        let hosts = AllowedHosts::new()
            .allow_host("MCP.example.com")
            .allow_host("b.org:8443");
        let table = [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("localhost.:80", true),
            ("app.localhost:3000", true),
            ("127.0.0.1", true),
            ("127.8.9.1:99", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("mcp.example.com", true),
            ("mcp.example.com.:9", true),
            ("b.org:8443", true),
            ("b.org", false),
            ("b.org:80", false),
            ("evil.example.com", false),
            ("localhost.evil.com", false),
            ("127.0.0.1.evil.com", false),
            ("128.0.0.1", false),
            ("[::2]", false),
            ("localhost@evil.com", false),
            ("0.0.0.0", false),
        ];
        for (host, allowed) in table {
            let checked = check(&hosts, "/mcp", &[host], &[]);
            assert_eq!(checked.is_ok(), allowed, "{host}");
        }
        for hosts_sent in [&[][..], &["localhost", "localhost"], &["a b"], &[""]] {
            assert!(
                check(&hosts, "/mcp", hosts_sent, &[]).is_err(),
                "{hosts_sent:?}"
            );
        }
        // The authority of HTTP/2 wins.
        assert!(check(&hosts, "http://localhost/mcp", &[], &[]).is_ok());
        assert!(check(&hosts, "http://evil.com/mcp", &["localhost"], &[]).is_err());
        assert!(
            check(
                &AllowedHosts::new().allow_any_host(),
                "/",
                &["evil.com"],
                &[]
            )
            .is_ok()
        );
    }

    #[test]
    fn origins_are_checked() {
        let hosts = AllowedHosts::new()
            .allow_host("mcp.example.com")
            .allow_origin("https://app.example.com");
        let table = [
            (&["http://localhost:5173"][..], true),
            (&["https://127.0.0.1"], true),
            (&["http://[::1]:80"], true),
            (&["https://mcp.example.com"], true),
            (&["https://app.example.com"], true),
            (&["HTTPS://APP.example.com"], true),
            (&["http://app.example.com"], false),
            (&["https://app.example.com:444"], false),
            (&["http://evil.example.com"], false),
            (&["null"], false),
            (&["ftp://localhost"], false),
            (&["http://localhost/path"], false),
            (&["http://localhost@evil.com"], false),
            (&["http://localhost", "http://localhost"], false),
            (&[], true),
        ];
        for (origin, allowed) in table {
            let checked = check(&hosts, "/mcp", &["localhost"], origin);
            assert_eq!(checked.is_ok(), allowed, "{origin:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(host in "[ -~]{0,40}", origin in "[ -~]{0,40}") {
            let _ = check(&AllowedHosts::new(), "/", &[&host], &[&origin]);
        }
    }
}
