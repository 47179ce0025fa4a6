use http::{HeaderMap, HeaderValue, Uri, header::HOST};
use mcp_tower::{AllowedHosts, auth::ResourceMetadata};
use std::{fmt, sync::Arc};

/// Where the platform is, as its clients write it: `https://mocks.example.com`.
///
/// The audience of tokens and what clients are told about servers are made from it, never from what
/// a request says about its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Arc<str>);

/// What cannot be a [`PublicUrl`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPublicUrl(String);

impl PublicUrl {
    /// Reads one, and puts it into its canonical form: scheme and host in small letters, no default
    /// port, no slash at the end.
    ///
    /// ```
    /// use mock_platform::access::PublicUrl;
    ///
    /// let url = PublicUrl::parse("https://Mocks.example.com:443/")?;
    /// assert_eq!(url.to_string(), "https://mocks.example.com");
    /// assert!(PublicUrl::parse("https://example.com/mocks").is_err());
    /// # Ok::<(), mock_platform::access::InvalidPublicUrl>(())
    /// ```
    ///
    /// # Errors
    /// When it is no URL with `http` or `https` and a host, or has a path: what clients look for at
    /// the root of a host has to be here.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        let told = |error: &dyn fmt::Display| InvalidPublicUrl(error.to_string());
        let canonical = ResourceMetadata::new(text, [text]).map_err(|error| told(&error))?;
        let url = Self(canonical.resource().into());
        match url.authority() {
            Some(host) => AllowedHosts::new().try_allow_host(host),
            None => return Err(told(&"the public URL of a platform has no path")),
        }
        .map_err(|error| told(&error))?;
        Ok(url)
    }

    /// The endpoint of a server: the audience of its tokens.
    pub(crate) fn endpoint(&self, id: &str) -> String {
        format!("{}/mcp", self.issuer(id))
    }

    /// Who makes the tokens of a server.
    pub(crate) fn issuer(&self, id: &str) -> String {
        format!("{self}/api/platform/{id}")
    }

    /// Where tokens of a server are made.
    pub(crate) fn token_url(&self, id: &str) -> String {
        format!("{}/oauth/token", self.issuer(id))
    }

    /// The hosts that requests may name.
    pub(crate) fn hosts(&self) -> AllowedHosts {
        let hosts = AllowedHosts::new();
        match self.authority() {
            Some(host) => hosts.try_allow_host(host).unwrap_or_default(),
            None => hosts,
        }
    }

    /// Whether a request is for this place, or for this machine: what a browser was led to by a name
    /// that is not ours comes from a page that is not ours.
    pub(crate) fn is_host_of(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let in_uri = uri.authority().map(http::uri::Authority::as_str);
        let in_headers = headers.get_all(HOST).iter();
        let in_headers = in_headers.map(|host| host.to_str().unwrap_or_default());
        let mut named = in_uri.into_iter().chain(in_headers).peekable();
        let allowed = self.hosts();
        // Hosts that are answered are those whose pages are.
        let is_ours = |host: &str| {
            let origin = HeaderValue::try_from(format!("http://{host}"));
            origin.is_ok_and(|origin| allowed.allows_origin(&origin))
        };
        named.peek().is_some() && named.all(is_ours)
    }

    /// Host and port; nothing, if there is a path too.
    fn authority(&self) -> Option<String> {
        let uri: Uri = self.0.parse().ok()?;
        let authority = uri.authority().filter(|_| uri.path() == "/")?;
        Some(authority.to_string())
    }
}

/// Where the program is when nothing else is said: `http://localhost:8080`.
impl Default for PublicUrl {
    fn default() -> Self {
        Self("http://localhost:8080".into())
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidPublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidPublicUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_origin() {
        for (given, canonical) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("HTTP://[::1]:80/", "http://[::1]"),
            (
                "https://mocks.example.com:8443",
                "https://mocks.example.com:8443",
            ),
        ] {
            assert_eq!(PublicUrl::parse(given).unwrap().to_string(), canonical);
        }
        for given in [
            "",
            "localhost:8080",
            "ftp://a",
            "http://a/b",
            "http://a?b",
            "http://a@b",
        ] {
            assert!(PublicUrl::parse(given).is_err(), "{given}");
        }
        let default = PublicUrl::default();
        assert_eq!(PublicUrl::parse(&default.to_string()), Ok(default));
    }
}
