//! Programs that act for users, and how they say which one they are.

use super::{
    Issuer,
    error::OAuthError,
    redirect_uri::RedirectUri,
    rows::Rows,
    secret::{self, Digest},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, header};
use mcp_tower::core::Scopes;
use percent_encoding::percent_decode_str;
use std::sync::Arc;

/// A registered client.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) id: Arc<str>,
    /// What it calls itself.
    pub(super) name: Option<String>,
    pub(super) redirect_uris: Vec<RedirectUri>,
    /// None for programs that cannot keep a secret.
    pub(super) secret: Option<Digest>,
    pub(super) may_refresh: bool,
    /// What it may do in its own name.
    pub(super) service: Option<Scopes>,
}

/// How long a client is remembered that nobody uses, in seconds.
const KEPT: u64 = 30 * 86_400;

/// How long one is remembered that has never been used: so short that one address alone cannot
/// register as many as there may be.
const KEPT_UNUSED: u64 = 3_600;

/// Clients that registered themselves, and the service that has been one all along.
pub(super) struct Clients {
    rows: Rows<Client>,
    service: Option<Client>,
}

impl Clients {
    pub(super) fn new(most: usize, service: Option<Client>) -> Self {
        Self {
            rows: Rows::new(most),
            service,
        }
    }

    pub(super) fn register(&self, client: Client, now: u64) -> Result<(), OAuthError> {
        let id = client.id.to_string();
        Ok(self.rows.insert(id, client, now, now + KEPT_UNUSED)?)
    }

    pub(super) fn find(&self, id: &str, now: u64) -> Option<Client> {
        let service = self.service.as_ref().filter(|client| &*client.id == id);
        match service {
            Some(client) => Some(client.clone()),
            None => self.rows.with(id, now, |client| client.clone()),
        }
    }

    /// A user has agreed to something: this client is in use.
    pub(super) fn used(&self, id: &str, now: u64) {
        self.rows.keep_until(id, now + KEPT);
    }
}

impl Client {
    /// The service that reads notes in its own name.
    pub(super) fn service(id: &str, secret: &str) -> Self {
        Self {
            id: id.into(),
            name: None,
            redirect_uris: Vec::new(),
            secret: Some(Digest::of(secret)),
            may_refresh: false,
            service: Some([super::users::DEFAULT_SCOPE].into_iter().collect()),
        }
    }
}

impl Issuer {
    /// The client of an authorization request: registered here, or described by a document at the
    /// URL that is its id.
    pub(super) async fn find_client(&self, id: &str) -> Option<Client> {
        if id.starts_with("https://") {
            return self.0.documents.as_ref()?.client(id, self.now()).await;
        }
        self.0.clients.find(id, self.now())
    }

    /// The client that sent a request to the token endpoint: by name alone if it has no secret,
    /// else by Basic authentication (RFC 6749 §2.3.1).
    pub(super) async fn authenticate(
        &self,
        headers: &HeaderMap,
        client_id: Option<&str>,
    ) -> Result<Client, OAuthError> {
        let basic = match headers.get(header::AUTHORIZATION) {
            None => None,
            Some(value) => Some(read_basic(value.to_str().ok()).ok_or_else(OAuthError::client)?),
        };
        let id = match (&basic, client_id) {
            (Some((id, _)), Some(also)) if id != also => return Err(OAuthError::client()),
            (Some((id, _)), _) => id,
            (None, Some(id)) => id,
            (None, None) => return Err(OAuthError::client()),
        };
        let client = self.find_client(id).await.ok_or_else(OAuthError::client)?;
        let sent = basic.as_ref().map(|(_, secret)| Digest::of(secret));
        if client.secret == sent {
            Ok(client)
        } else {
            Err(OAuthError::client())
        }
    }
}

/// Id and secret of a client, each written as a form writes it.
fn read_basic(value: Option<&str>) -> Option<(String, String)> {
    let (scheme, credentials) = value?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced)
            .decode_utf8()
            .ok()
            .map(|text| text.into_owned())
    };
    Some((decode(id)?, decode(secret)?))
}

/// A client that has just been told its name.
pub(super) fn name_client() -> Result<Arc<str>, OAuthError> {
    Ok(secret::name()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_as_forms_write_them() {
        let encoded = BASE64_STANDARD.encode("id%3A1:a+b%25");
        let read = read_basic(Some(&format!("basic {encoded}")));
        assert_eq!(read, Some(("id:1".to_owned(), "a b%".to_owned())));
        assert_eq!(read_basic(Some("Bearer abc")), None);
        assert_eq!(read_basic(Some("Basic !")), None);
        assert_eq!(read_basic(None), None);
    }
}
