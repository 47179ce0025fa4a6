//! Which hosts and origins are answered: the defence against DNS rebinding.
//!
//! A page on another site can make a browser send requests to an address of its choice, but it
//! cannot choose the `Host` and the `Origin` that the browser writes.

mod authority;

use authority::{Authority, Origin, same_port};
use http::{HeaderMap, HeaderValue, Uri, header};
use std::fmt;

/// The hosts and origins that an endpoint answers to.
///
/// # Hosts
///
/// `localhost`, `127.0.0.0/8` and `[::1]` are always allowed, with any port. Names below
/// `localhost` are not: not every resolver keeps them on the machine. Any other name or address
/// is added with [`allow_host`](Self::allow_host). Names are compared without regard to case, and
/// with or without the dot that ends a fully qualified name.
///
/// The host of a request is the authority of its URI (HTTP/2, and requests in absolute form), else
/// its `Host` header. A request is refused when it has none, when it has several `Host` headers,
/// when one is malformed, or when `Host` contradicts the URI.
///
/// # Origins
///
/// A request without `Origin` comes from no page and is allowed. Pages of allowed hosts, over HTTP
/// or HTTPS, are allowed; any other origin is added with [`allow_origin`](Self::allow_origin).
/// `null`, several `Origin` headers and malformed ones are refused.
///
/// # Examples
///
/// A server with a public name, used by pages of its own and by those of one other site:
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
    hosts: Vec<Authority<Box<str>>>,
    origins: Vec<Origin<Box<str>>>,
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

    /// Allows a host, and pages that it serves over HTTP or HTTPS.
    ///
    /// With a port (`mcp.example.com:8443`) only that port is allowed, without one any. A client
    /// leaves out the port of its scheme, so `:443` and `:80` also allow the bare name. An
    /// internationalized name is written as it is sent, in Punycode.
    ///
    /// # Panics
    ///
    /// If this is no host, for example because it has a scheme or a wildcard. Use
    /// [`try_allow_host`](Self::try_allow_host) for what is only known at run time.
    #[must_use]
    #[track_caller]
    pub fn allow_host(self, host: impl AsRef<str>) -> Self {
        self.try_allow_host(host)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Like [`allow_host`](Self::allow_host), for a host that is only known at run time.
    ///
    /// ```
    /// use mcp_tower::AllowedHosts;
    ///
    /// assert!(AllowedHosts::new().try_allow_host("mcp.example.com").is_ok());
    /// let error = AllowedHosts::new().try_allow_host("https://mcp.example.com").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`https://mcp.example.com` is not a host such as `mcp.example.com` or `[2001:db8::1]:8443`",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// If this is no host.
    pub fn try_allow_host(mut self, host: impl AsRef<str>) -> Result<Self, InvalidAllowedHost> {
        let host = host.as_ref();
        let parsed = Authority::parse(host).ok_or_else(|| {
            InvalidAllowedHost::new(
                host,
                "a host such as `mcp.example.com` or `[2001:db8::1]:8443`",
            )
        })?;
        self.hosts.push(parsed.into_owned());
        Ok(self)
    }

    /// Allows pages of another origin: exactly this scheme, host and port. The port of the scheme
    /// may be left out.
    ///
    /// Origins of other schemes (`vscode-webview://…`) must be written as the client writes them.
    /// `"null"` allows pages without an origin of their own; any page can become one of those, in
    /// a sandboxed frame.
    ///
    /// # Panics
    ///
    /// If this is no origin, for example because it has a path or no scheme. Use
    /// [`try_allow_origin`](Self::try_allow_origin) for what is only known at run time.
    #[must_use]
    #[track_caller]
    pub fn allow_origin(self, origin: impl AsRef<str>) -> Self {
        self.try_allow_origin(origin)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Like [`allow_origin`](Self::allow_origin), for an origin that is only known at run time.
    ///
    /// ```
    /// use mcp_tower::AllowedHosts;
    ///
    /// assert!(AllowedHosts::new().try_allow_origin("https://app.example.com").is_ok());
    /// assert!(AllowedHosts::new().try_allow_origin("app.example.com").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// If this is no origin.
    pub fn try_allow_origin(mut self, origin: impl AsRef<str>) -> Result<Self, InvalidAllowedHost> {
        let origin = origin.as_ref();
        let parsed = Origin::parse(origin).ok_or_else(|| {
            InvalidAllowedHost::new(origin, "an origin such as `https://app.example.com`")
        })?;
        self.origins.push(parsed.into_owned());
        Ok(self)
    }

    /// Does not look at `Host` at all.
    ///
    /// Only for a server that is reached through a proxy which checks the name itself. Anywhere
    /// else, a page whose name points at the server's address can use the server, and a server
    /// without authorization is then open to every page its user visits.
    ///
    /// Origins are still checked.
    #[must_use]
    pub fn allow_any_host(mut self) -> Self {
        self.any_host = true;
        self
    }

    /// Does not look at `Origin` at all.
    ///
    /// Any page a user visits can then send requests. Only for servers that ask for a token which
    /// browsers do not add by themselves, as they add cookies.
    #[must_use]
    pub fn allow_any_origin(mut self) -> Self {
        self.any_origin = true;
        self
    }

    /// Whether pages of an origin, as a browser writes it into `Origin`, are answered. For layers
    /// that ask the same question, such as one for [CORS](crate::Cors#behind-other-layers).
    ///
    /// ```
    /// use http::HeaderValue;
    /// use mcp_tower::AllowedHosts;
    ///
    /// let hosts = AllowedHosts::new().allow_origin("https://app.example.com");
    /// assert!(hosts.allows_origin(&HeaderValue::from_static("https://app.example.com")));
    /// assert!(!hosts.allows_origin(&HeaderValue::from_static("https://example.com")));
    /// ```
    pub fn allows_origin(&self, origin: &HeaderValue) -> bool {
        self.any_origin || self.names(origin)
    }

    /// Whether an origin is on the list, and not only let in with all others.
    pub(crate) fn names(&self, origin: &HeaderValue) -> bool {
        origin
            .to_str()
            .is_ok_and(|origin| Origin::parse(origin).is_some_and(|origin| self.lists(&origin)))
    }

    /// Checks the head of a request, without allocating.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Forbidden> {
        if !self.any_host && !host(uri, headers).is_some_and(|host| self.allows_host(&host)) {
            return Err(Forbidden::Host);
        }
        if self.any_origin {
            return Ok(());
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let allowed = match (origins.next(), origins.next()) {
            // Browsers send it with every POST, so this is no page.
            (None, _) => true,
            (Some(origin), None) => self.names(origin),
            // Whoever wrote the second one, the browser did not.
            (Some(_), Some(_)) => false,
        };
        if allowed {
            Ok(())
        } else {
            Err(Forbidden::Origin)
        }
    }

    fn allows_host(&self, sent: &Authority<&str>) -> bool {
        sent.host.is_loopback()
            || self.hosts.iter().any(|allowed| {
                allowed.host.is(&sent.host)
                    && (allowed.port.is_none() || same_port(allowed.port, sent.port))
            })
    }

    fn lists(&self, sent: &Origin<&str>) -> bool {
        if self.origins.iter().any(|allowed| allowed.is(sent)) {
            return true;
        }
        match sent {
            Origin::Web { host, port, .. } => {
                let own = |allowed: &Authority<Box<str>>| {
                    allowed.host.is(host) && allowed.port.is_none_or(|allowed| allowed == *port)
                };
                host.is_loopback() || self.hosts.iter().any(own)
            }
            Origin::Other(_) => false,
        }
    }
}

/// The host a request is for, if it says so clearly.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<Authority<&'a str>> {
    let mut values = headers.get_all(header::HOST).iter();
    let header = values.next();
    if values.next().is_some() {
        return None;
    }
    let from_header = |value: &'a HeaderValue| Authority::parse(value.to_str().ok()?);
    let Some(authority) = uri.authority() else {
        return from_header(header?);
    };
    let authority = Authority::parse(authority.as_str())?;
    // What is in the URI counts (RFC 9112, section 3.2.2; RFC 9113, section 8.3.1), but where both
    // differ, something in front of us may have looked at the other one.
    match header {
        Some(value) => from_header(value)
            .is_some_and(|header| {
                header.host.is(&authority.host) && same_port(header.port, authority.port)
            })
            .then_some(authority),
        None => Some(authority),
    }
}

/// What was to be allowed is no host or no origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAllowedHost {
    text: Box<str>,
    expected: &'static str,
}

impl InvalidAllowedHost {
    fn new(text: &str, expected: &'static str) -> Self {
        Self {
            text: text.into(),
            expected,
        }
    }
}

impl fmt::Display for InvalidAllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {}", self.text, self.expected)
    }
}

impl std::error::Error for InvalidAllowedHost {}

#[cfg(test)]
mod tests;
