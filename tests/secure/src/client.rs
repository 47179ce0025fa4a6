//! A client over TLS, one connection per request.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::{net::SocketAddr, path::Path, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// Trusts one certificate authority, and talks to one address.
#[derive(Clone, Debug)]
pub struct Client {
    config: Arc<ClientConfig>,
    address: SocketAddr,
}

/// The head of an answer, and what there is of its body.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub version: Version,
    pub headers: HeaderMap,
    body: Incoming,
    /// What was read of the body beyond the last event.
    rest: String,
}

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: Option<String>,
    pub message: Option<Value>,
}

impl Event {
    /// None for a comment.
    fn parse(text: &str) -> Option<Self> {
        let field = |name| text.lines().find_map(|line| line.strip_prefix(name));
        let data = field("data:").map(str::trim);
        if text.lines().all(|line| line.starts_with(':')) {
            return None;
        }
        Some(Self {
            id: field("id:").map(|id| id.trim().to_owned()),
            message: data
                .filter(|data| !data.is_empty())
                .map(|data| serde_json::from_str(data).unwrap()),
        })
    }
}

impl Client {
    pub fn new(address: SocketAddr, authority: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_file(authority).unwrap();
        roots.add(authority).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            config: Arc::new(config),
            address,
        }
    }

    /// A connection by this name that offers these protocols.
    pub async fn connect(&self, name: &'static str, alpn: &[&str]) -> TlsStream<TcpStream> {
        let mut config = (*self.config).clone();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let tcp = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, tcp).await.unwrap()
    }

    /// Sends a request, whose URI is a path, over HTTP/1.1.
    pub async fn send(&self, mut request: Request<String>) -> Reply {
        let stream = TokioIo::new(self.connect("localhost", &["http/1.1"]).await);
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let host = format!("localhost:{}", self.address.port())
            .parse()
            .unwrap();
        request.headers_mut().entry("host").or_insert(host);
        let request = request.map(|body| Full::new(Bytes::from(body)));
        Reply::of(sender.send_request(request).await.unwrap())
    }

    /// Sends a request, whose URI is absolute, over HTTP/2.
    pub async fn send_http2(&self, request: Request<String>) -> Reply {
        let stream = TokioIo::new(self.connect("localhost", &["h2"]).await);
        let handshake = http2::handshake(TokioExecutor::new(), stream);
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let request = request.map(|body| Full::new(Bytes::from(body)));
        Reply::of(sender.send_request(request).await.unwrap())
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(String::new()).unwrap())
            .await
    }

    /// Sends a form.
    pub async fn post_form(&self, path: &str, form: String) -> Reply {
        let request =
            Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(form).unwrap()).await
    }

    pub async fn post_json(&self, path: &str, value: &Value) -> Reply {
        let request = Request::post(path).header("content-type", "application/json");
        self.send(request.body(value.to_string()).unwrap()).await
    }
}

impl Reply {
    fn of(response: http::Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            version: parts.version,
            headers: parts.headers,
            body,
            rest: String::new(),
        }
    }

    /// A header as text; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The body, to its end.
    pub async fn text(self) -> String {
        let body = self.body.collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    pub async fn json(self) -> Value {
        let text = self.text().await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The next event of a stream, comments left out; none when the stream has ended.
    pub async fn event(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.rest.find("\n\n") {
                let event = Event::parse(&self.rest[..end]);
                self.rest.drain(..end + 2);
                if event.is_some() {
                    return event;
                }
                continue;
            }
            // A stream that is cut off ends with an error.
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.rest.push_str(std::str::from_utf8(&data).unwrap());
            }
        }
    }

    /// The next message of a stream; none when the stream has ended.
    pub async fn next_message(&mut self) -> Option<Value> {
        loop {
            // An event without a message only names where the stream is.
            if let Some(message) = self.event().await?.message {
                return Some(message);
            }
        }
    }
}
