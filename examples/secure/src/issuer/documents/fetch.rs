//! One HTTPS request: no redirects, no credentials, little time and little room.

use crate::tls::provider;
use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use mcp_tower::core::BoxError;
use std::{io, sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName},
    },
};

/// How long everything may take.
const LIMIT: Duration = Duration::from_secs(5);
/// The largest document, in bytes.
const LARGEST: usize = 5 * 1024;

#[derive(Clone)]
pub(super) struct Fetcher(TlsConnector);

impl Fetcher {
    pub(super) fn new(
        authorities: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(authorities);
        if roots.is_empty() {
            return Err(io::Error::other("no certificate authority is trusted"));
        }
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    pub(super) async fn get(&self, uri: &Uri) -> Result<Bytes, BoxError> {
        timeout(LIMIT, self.exchange(uri)).await?
    }

    async fn exchange(&self, uri: &Uri) -> Result<Bytes, BoxError> {
        let authority = uri.authority().ok_or("no host")?;
        let host = authority.host().trim_matches(['[', ']']);
        let tcp = TcpStream::connect((host, authority.port_u16().unwrap_or(443))).await?;
        let name = ServerName::try_from(host.to_owned())?;
        let stream = TokioIo::new(self.0.connect(name, tcp).await?);
        let (mut sender, connection) = http1::handshake(stream).await?;
        let request = Request::get(uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(header::HOST, authority.as_str())
            .header(header::ACCEPT, "application/json")
            .body(Empty::<Bytes>::new())?;
        let read = async {
            let response = sender.send_request(request).await?;
            if response.status() != StatusCode::OK {
                return Err(format!("the answer was {}", response.status()).into());
            }
            let body = Limited::new(response.into_body(), LARGEST);
            Ok(body.collect().await?.to_bytes())
        };
        // The connection does its part here, not in a task of its own, so it ends when this does.
        let mut connection = std::pin::pin!(connection);
        let mut read = std::pin::pin!(read);
        tokio::select! {
            body = &mut read => body,
            ended = &mut connection => {
                ended?;
                read.await
            }
        }
    }
}
