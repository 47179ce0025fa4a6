//! Hosts and origins as they are written on the wire.
//!
//! `N` is `&str` for what was sent and `Box<str>` for what is allowed, so that a check copies
//! nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

#[derive(Clone, Copy, Debug)]
pub(super) enum Host<N> {
    /// Without the dot that ends a fully qualified name.
    Name(N),
    Ip(IpAddr),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Authority<N> {
    pub(super) host: Host<N>,
    pub(super) port: Option<u16>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Origin<N> {
    /// Over HTTP or HTTPS; with the port of the scheme where none is written.
    Web {
        secure: bool,
        host: Host<N>,
        port: u16,
    },
    /// Of another scheme, or `null`.
    Other(N),
}

impl<'a> Host<&'a str> {
    /// A name or an IPv4 address; [`Authority::parse`] knows the brackets of IPv6.
    fn parse(text: &'a str) -> Option<Self> {
        let name = text.strip_suffix('.').unwrap_or(text);
        let is_valid =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if name.is_empty() || !name.bytes().all(is_valid) {
            return None;
        }
        // Browsers take any name that ends in a number for an address (`127.1`), so such a name is
        // either a plain one or none.
        let last = name.rsplit('.').next().unwrap_or(name);
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            let address: Ipv4Addr = name.parse().ok()?;
            return Some(Self::Ip(address.into()));
        }
        Some(Self::Name(name))
    }

    fn into_owned(self) -> Host<Box<str>> {
        match self {
            Self::Name(name) => Host::Name(name.into()),
            Self::Ip(address) => Host::Ip(address),
        }
    }
}

impl<N: AsRef<str>> Host<N> {
    pub(super) fn is(&self, other: &Host<&str>) -> bool {
        match (self, other) {
            (Self::Name(name), Host::Name(other)) => name.as_ref().eq_ignore_ascii_case(other),
            (Self::Ip(address), Host::Ip(other)) => address == other,
            _ => false,
        }
    }

    /// Not the unspecified address: some systems route `0.0.0.0` to themselves, and pages of other
    /// sites have used that.
    pub(super) fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name.as_ref().eq_ignore_ascii_case("localhost"),
            Self::Ip(address) => address.is_loopback(),
        }
    }
}

impl<'a> Authority<&'a str> {
    /// `host [":" port]`, and nothing else: no user, no path, no white space.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (host, rest) = match text.strip_prefix('[') {
            Some(text) => {
                let (address, rest) = text.split_once(']')?;
                let address: Ipv6Addr = address.parse().ok()?;
                (Host::Ip(address.into()), rest)
            }
            None => {
                let end = text.find(':').unwrap_or(text.len());
                (Host::parse(&text[..end])?, &text[end..])
            }
        };
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return None,
            // An empty port is legal (RFC 3986, section 3.2.3) and says nothing.
            Some("") => None,
            Some(port) => Some(parse_port(port)?),
        };
        Some(Self { host, port })
    }

    pub(super) fn into_owned(self) -> Authority<Box<str>> {
        Authority {
            host: self.host.into_owned(),
            port: self.port,
        }
    }
}

impl<'a> Origin<&'a str> {
    /// `scheme "://" host [":" port]`, or `null`.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text == "null" {
            return Some(Self::Other(text));
        }
        let (scheme, rest) = text.split_once("://")?;
        let secure = scheme.eq_ignore_ascii_case("https");
        if secure || scheme.eq_ignore_ascii_case("http") {
            let Authority { host, port } = Authority::parse(rest)?;
            let port = port.unwrap_or(if secure { HTTPS } else { HTTP });
            return Some(Self::Web { secure, host, port });
        }
        // What is in such an origin is up to its scheme; it only has to be written the same way.
        let is_plain = !scheme.is_empty()
            && !rest.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        (is_plain && !rest.contains('/')).then_some(Self::Other(text))
    }

    pub(super) fn into_owned(self) -> Origin<Box<str>> {
        match self {
            Self::Web { secure, host, port } => Origin::Web {
                secure,
                host: host.into_owned(),
                port,
            },
            Self::Other(text) => Origin::Other(text.into()),
        }
    }
}

impl Origin<Box<str>> {
    pub(super) fn is(&self, other: &Origin<&str>) -> bool {
        match (self, other) {
            (
                Self::Web { secure, host, port },
                Origin::Web {
                    secure: other_secure,
                    host: other_host,
                    port: other_port,
                },
            ) => secure == other_secure && host.is(other_host) && port == other_port,
            (Self::Other(text), Origin::Other(other)) => **text == **other,
            _ => false,
        }
    }
}

/// `u16::from_str` alone would let a sign through.
fn parse_port(text: &str) -> Option<u16> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Whether two ports are the same where the scheme is not known: behind a proxy that ends TLS, a
/// missing port may stand for either default.
pub(super) fn same_port(one: Option<u16>, other: Option<u16>) -> bool {
    match (one, other) {
        (None, Some(port)) | (Some(port), None) => matches!(port, HTTP | HTTPS),
        (one, other) => one == other,
    }
}
