//! Clients whose id is the URL of a document about them. Off unless hosts are named: fetching what
//! a stranger names is how servers are made to send requests for others.

mod fetch;

use super::{clients::Client, register::Registration, rows::Rows};
use http::Uri;
use serde::Deserialize;
use std::{fmt, io};
use tokio::sync::Semaphore;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// The hosts whose documents may describe clients.
///
/// ```
/// use secure::DocumentHosts;
///
/// let hosts = DocumentHosts::new(["app.example.com"])?;
/// # let _ = hosts;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct DocumentHosts {
    hosts: Vec<String>,
    fetcher: fetch::Fetcher,
}

impl DocumentHosts {
    /// Hosts, each with its port unless that is 443. Their certificates are checked against those
    /// that this machine trusts.
    ///
    /// # Errors
    /// When the machine trusts none.
    pub fn new<T: Into<String>>(hosts: impl IntoIterator<Item = T>) -> io::Result<Self> {
        let trusted = rustls_native_certs::load_native_certs();
        Self::trusting(hosts, trusted.certs)
    }

    /// Like [`new`](Self::new), with certificate authorities of your own.
    ///
    /// # Errors
    /// When there are none.
    pub fn trusting<T: Into<String>>(
        hosts: impl IntoIterator<Item = T>,
        authorities: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> io::Result<Self> {
        Ok(Self {
            hosts: hosts.into_iter().map(Into::into).collect(),
            fetcher: fetch::Fetcher::new(authorities)?,
        })
    }
}

impl fmt::Debug for DocumentHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DocumentHosts").field(&self.hosts).finish()
    }
}

/// Seconds that a document is believed before it is fetched again.
const KEPT: u64 = 300;
/// Documents that are believed at once.
const MOST: usize = 100;
/// Documents that are fetched at once.
const FETCHES: usize = 4;

pub(super) struct Documents {
    hosts: DocumentHosts,
    known: Rows<Client>,
    fetches: Semaphore,
}

/// What a document says beyond a registration.
#[derive(Deserialize)]
struct Document {
    client_id: String,
    client_secret: Option<serde::de::IgnoredAny>,
    token_endpoint_auth_method: Option<String>,
}

impl Documents {
    pub(super) fn new(hosts: DocumentHosts) -> Self {
        Self {
            hosts,
            known: Rows::new(MOST),
            fetches: Semaphore::new(FETCHES),
        }
    }

    /// The client that the document at a URL describes.
    pub(super) async fn client(&self, url: &str, now: u64) -> Option<Client> {
        if let Some(client) = self.known.with(url, now, |client| client.clone()) {
            return Some(client);
        }
        let uri = self.may_fetch(url)?;
        let _turn = self.fetches.try_acquire().ok()?;
        let document = self.hosts.fetcher.get(&uri).await;
        let document = document
            .inspect_err(|error| tracing::info!(%error, "a client's document was not fetched"))
            .ok()?;
        let client = read(url, &document)?;
        // A document that finds no room is fetched again.
        let _ = self
            .known
            .insert(url.to_owned(), client.clone(), now, now + KEPT);
        Some(client)
    }

    fn may_fetch(&self, url: &str) -> Option<Uri> {
        let uri: Uri = url.parse().ok()?;
        let host = uri.authority()?.as_str();
        let dots = |segment: &str| matches!(segment, "." | "..");
        let plain = !url.contains('#') && uri.path().len() > 1 && !uri.path().split('/').any(dots);
        (plain && self.hosts.hosts.iter().any(|allowed| allowed == host)).then_some(uri)
    }
}

/// A document has to be about the URL where it is, and cannot hold a secret.
fn read(url: &str, document: &[u8]) -> Option<Client> {
    let Document {
        client_id,
        client_secret,
        token_endpoint_auth_method,
    } = serde_json::from_slice(document).ok()?;
    let public = token_endpoint_auth_method.is_none_or(|method| method == "none");
    if client_id != url || client_secret.is_some() || !public {
        return None;
    }
    let registration: Registration = serde_json::from_slice(document).ok()?;
    registration.into_client(url).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const URL: &str = "https://app.example.com/client.json";

    fn document(change: impl FnOnce(&mut Value)) -> Option<Client> {
        let mut document = json!({
            "client_id": URL, "client_name": "App", "redirect_uris": ["http://127.0.0.1/cb"],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        change(&mut document);
        read(URL, document.to_string().as_bytes())
    }

    #[test]
    fn a_document_describes_its_own_url_and_holds_no_secret() {
        let client = document(|_| {}).unwrap();
        assert!(client.may_refresh && client.secret.is_none() && &*client.id == URL);
        assert!(document(|it| it["client_id"] = json!("https://app.example.com/other")).is_none());
        assert!(document(|it| it["client_secret"] = json!("s")).is_none());
        let method = "token_endpoint_auth_method";
        assert!(document(|it| it[method] = json!("client_secret_basic")).is_none());
        assert!(document(|it| it["redirect_uris"] = json!(["http://evil.example/"])).is_none());
    }

    #[test]
    fn only_named_hosts_are_asked() {
        let certificate = rcgen::generate_simple_self_signed(["x".to_owned()]).unwrap();
        let authority = [certificate.cert.der().clone()];
        let hosts = DocumentHosts::trusting(["app.example.com", "localhost:8444"], authority);
        let documents = Documents::new(hosts.unwrap());
        assert!(documents.may_fetch(URL).is_some());
        assert!(documents.may_fetch("https://localhost:8444/c").is_some());
        for refused in [
            "https://localhost/c",
            "https://evil.example/c",
            "https://app.example.com@evil.example/c",
            "https://app.example.com",
            "https://app.example.com/",
            "https://app.example.com/a/../b",
            "https://app.example.com/c#f",
        ] {
            assert!(documents.may_fetch(refused).is_none(), "{refused}");
        }
    }
}
