use super::url::{self, InvalidUrl};
use bytes::Bytes;
use mcp_core::Scopes;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// What a client has to know to get a token: the document of RFC 9728.
///
/// It is made from the **public** URL of the endpoint, the one that clients write into their
/// configuration. So it is right under any prefix and behind any proxy: neither what a router has
/// stripped from a path nor what a proxy has put into a header can change it.
///
/// ```
/// use mcp_tower::auth::ResourceMetadata;
///
/// let metadata = ResourceMetadata::new("https://example.com/tools/mcp", ["https://login.example.com"])?
///     .with_scopes("notes:read".parse()?)
///     .with_name("Notes");
/// assert_eq!(
///     metadata.url(),
///     "https://example.com/.well-known/oauth-protected-resource/tools/mcp"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ResourceMetadata {
    origin: Arc<str>,
    path: Arc<str>,
    scopes: Scopes,
    members: Map<String, Value>,
}

impl ResourceMetadata {
    /// The endpoint with this public URL, which takes tokens of these authorization servers.
    ///
    /// The URL is put into its canonical form: scheme and host in small letters, no default port,
    /// no slash at the end. That form is the audience that tokens have to name
    /// ([`resource`](Self::resource)).
    ///
    /// # Errors
    /// When a URL is not absolute, is neither HTTPS nor HTTP, or has a user, a query or a
    /// fragment, and when there is no authorization server.
    pub fn new<I>(resource: &str, authorization_servers: I) -> Result<Self, InvalidUrl>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let (origin, path) = url::canonical(resource)?;
        let servers = authorization_servers.into_iter().map(|server| {
            // Issuers are compared as they are written (RFC 8414), so they stay as they are.
            let server = server.as_ref();
            url::canonical(server).map(|_| Value::from(server))
        });
        let servers: Vec<_> = servers.collect::<Result<_, _>>()?;
        if servers.is_empty() {
            return Err(InvalidUrl::missing("there is no authorization server"));
        }
        let mut members = Map::new();
        members.insert("resource".to_owned(), format!("{origin}{path}").into());
        members.insert("authorization_servers".to_owned(), servers.into());
        members.insert("bearer_methods_supported".to_owned(), json!(["header"]));
        Ok(Self {
            origin: origin.into(),
            path: path.into(),
            scopes: Scopes::none(),
            members,
        })
    }

    /// The scopes that a client should ask for at first: the least that is of use. Operations
    /// that need more say so when they are called.
    ///
    /// `offline_access` is left out: whether a client gets refresh tokens is between it and the
    /// authorization server.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes
            .iter()
            .filter(|name| *name != "offline_access")
            .collect();
        let names: Vec<_> = self.scopes.iter().map(Value::from).collect();
        if names.is_empty() {
            self.members.remove("scopes_supported");
            return self;
        }
        self.with("scopes_supported", names)
    }

    /// A name for people.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        self.with("resource_name", name.into())
    }

    /// Where developers read about the endpoint.
    #[must_use]
    pub fn with_documentation(self, url: impl Into<String>) -> Self {
        self.with("resource_documentation", url.into())
    }

    fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// The canonical URL of the endpoint: the audience of its tokens.
    pub fn resource(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }

    /// Where the document is: what challenges point at.
    pub fn url(&self) -> String {
        format!("{}{WELL_KNOWN}{}", self.origin, self.path)
    }

    /// The path of [`url`](Self::url).
    pub fn path(&self) -> String {
        format!("{WELL_KNOWN}{}", self.path)
    }

    pub(super) fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The path of the endpoint whose document is looked for at a path: empty, or with a slash.
    pub(crate) fn endpoint_of(path: &str) -> Option<&str> {
        path.strip_prefix(WELL_KNOWN)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether a path is one of the two where the document is looked for.
    pub(super) fn is_at(&self, path: &str) -> bool {
        Self::endpoint_of(path).is_some_and(|rest| rest.is_empty() || rest == &*self.path)
    }

    pub(super) fn to_bytes(&self) -> Bytes {
        // The order of members is the map's; a map of strings always serializes.
        serde_json::to_vec(&self.members).unwrap_or_default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(resource: &str) -> Result<ResourceMetadata, InvalidUrl> {
        ResourceMetadata::new(resource, ["https://login.example.com/"])
    }

    #[test]
    fn the_resource_is_canonical() {
        for (given, canonical) in [
            ("HTTPS://Example.COM:443/", "https://example.com"),
            (
                "https://example.com/Tools/mcp/",
                "https://example.com/Tools/mcp",
            ),
            ("http://localhost:80/mcp", "http://localhost/mcp"),
            (
                "https://example.com:8443/mcp",
                "https://example.com:8443/mcp",
            ),
            ("https://[::1]:8443/mcp", "https://[::1]:8443/mcp"),
        ] {
            assert_eq!(new(given).unwrap().resource(), canonical);
        }
    }

    #[test]
    fn what_cannot_be_a_resource_is_refused() {
        for given in [
            "/mcp",
            "example.com/mcp",
            "ftp://example.com/mcp",
            "https://example.com/mcp#part",
            "https://example.com/mcp?a=b",
            "https://user@example.com/mcp",
            "https:///mcp",
            "https://example.com/a b",
            "https://example.com/a\"b",
            "",
        ] {
            assert!(new(given).is_err(), "{given}");
        }
        assert!(ResourceMetadata::new("https://example.com", [""; 0]).is_err());
        assert!(ResourceMetadata::new("https://example.com", ["login"]).is_err());
    }

    #[test]
    fn the_document_has_what_it_must() {
        let scopes = "offline_access notes:read".parse().unwrap();
        let metadata = new("https://example.com/mcp").unwrap().with_scopes(scopes);
        let document: Value = serde_json::from_slice(&metadata.to_bytes()).unwrap();
        let expected = json!({
            "resource": "https://example.com/mcp",
            "authorization_servers": ["https://login.example.com/"],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["notes:read"],
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn it_is_at_two_paths_and_no_other() {
        let metadata = new("https://example.com/mcp").unwrap();
        assert!(metadata.is_at(WELL_KNOWN) && metadata.is_at(&metadata.path()));
        for path in ["/mcp", "/", "/.well-known/oauth-protected-resource/", "/x"] {
            assert!(!metadata.is_at(path), "{path}");
        }
        assert!(!metadata.is_at("/.well-known/oauth-protected-resource/mcp/x"));
    }
}
