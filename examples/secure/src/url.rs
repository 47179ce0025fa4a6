//! What clients call the server.

use http::Uri;
use mcp_tower::AllowedHosts;
use std::{fmt, io, net::IpAddr};

/// `https://` and an authority, nothing more.
#[derive(Clone, Debug)]
pub(crate) struct PublicUrl(Uri);

impl PublicUrl {
    pub(crate) fn parse(text: &str) -> io::Result<Self> {
        let wrong = || {
            let message = format!("`{text}` is no URL such as https://notes.example.com");
            io::Error::new(io::ErrorKind::InvalidInput, message)
        };
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority = uri
            .authority()
            .filter(|authority| !authority.as_str().contains('@'));
        let plain = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        if uri.scheme_str() != Some("https") || authority.is_none() || !plain {
            return Err(wrong());
        }
        Ok(Self(uri))
    }

    fn authority(&self) -> &str {
        self.0
            .authority()
            .map_or("", |authority| authority.as_str())
    }

    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.0.host().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// Names of this machine, and this one.
    pub(crate) fn allowed_hosts(&self) -> io::Result<AllowedHosts> {
        let hosts = AllowedHosts::new().try_allow_host(self.authority());
        hosts.map_err(io::Error::other)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        for (text, shown) in [
            ("https://localhost:8443", "https://localhost:8443"),
            ("https://notes.example.com/", "https://notes.example.com"),
            ("https://[::1]:1", "https://[::1]:1"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().to_string(), shown);
        }
        for wrong in [
            "http://localhost",
            "localhost",
            "https://u@h",
            "https://h/mcp",
            "https://",
        ] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }
}
