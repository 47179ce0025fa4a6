use super::KeySource;
use crate::{
    auth::{
        HttpClient,
        http_client::FetchError,
        url::{self, InvalidUrl},
    },
    body::Body,
};
use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use mcp_core::BoxError;
use serde::Deserialize;
use std::fmt;

/// A key set at a URL, or wherever an issuer's metadata says that it is.
#[derive(Clone, Debug)]
pub struct HttpKeys {
    client: HttpClient,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Known(Uri),
    /// The issuer, and where its metadata may be.
    Discovered(String, [Uri; 2]),
}

/// Metadata that cannot be trusted.
#[derive(Debug)]
struct BadMetadata(&'static str);

#[derive(Deserialize)]
struct IssuerMetadata {
    issuer: String,
    jwks_uri: String,
}

impl HttpKeys {
    /// The key set at this URL.
    ///
    /// # Errors
    /// When the URL is neither HTTPS nor on this machine: whoever can change the answer can sign
    /// tokens.
    pub fn new(client: HttpClient, jwks_uri: &str) -> Result<Self, InvalidUrl> {
        let place = Place::Known(url::trusted(jwks_uri)?);
        Ok(Self { client, place })
    }

    /// The key set that the metadata of an issuer names (RFC 8414, or OpenID Connect Discovery
    /// where that is not found). The metadata is read again with every fetch.
    ///
    /// # Errors
    /// When the issuer is neither HTTPS nor on this machine.
    pub fn discover(client: HttpClient, issuer: &str) -> Result<Self, InvalidUrl> {
        url::trusted(issuer)?;
        let (origin, path) = url::canonical(issuer)?;
        let places = [
            url::trusted(&format!(
                "{origin}/.well-known/oauth-authorization-server{path}"
            ))?,
            url::trusted(&format!("{origin}{path}/.well-known/openid-configuration"))?,
        ];
        let place = Place::Discovered(issuer.to_owned(), places);
        Ok(Self { client, place })
    }

    async fn get(&self, uri: &Uri) -> Result<Bytes, FetchError> {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri.clone();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::ACCEPT, json);
        self.client.send(request).await
    }

    async fn jwks_uri(&self, issuer: &str, places: &[Uri; 2]) -> Result<Uri, BoxError> {
        let metadata = match self.get(&places[0]).await {
            Err(FetchError::Status(status)) if status.is_client_error() => {
                self.get(&places[1]).await?
            }
            other => other?,
        };
        let metadata: IssuerMetadata = serde_json::from_slice(&metadata)
            .map_err(|_| BadMetadata("the issuer's metadata lacks `issuer` or `jwks_uri`"))?;
        // Otherwise anybody's metadata would do (RFC 8414, section 3.3).
        if metadata.issuer != issuer {
            return Err(BadMetadata("the metadata is another issuer's").into());
        }
        Ok(url::trusted(&metadata.jwks_uri)?)
    }
}

impl KeySource for HttpKeys {
    async fn fetch(&self) -> Result<Bytes, BoxError> {
        let keys = match &self.place {
            Place::Known(uri) => self.get(uri).await?,
            Place::Discovered(issuer, places) => {
                self.get(&self.jwks_uri(issuer, places).await?).await?
            }
        };
        Ok(keys)
    }
}

impl fmt::Display for BadMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadMetadata {}
