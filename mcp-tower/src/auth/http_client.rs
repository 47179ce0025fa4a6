use crate::{
    body::Body,
    collect::{CollectError, collect},
};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use mcp_core::{BoxError, BoxFuture};
use std::{
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tower_service::Service;

const MAX_BYTES: usize = 256 * 1024;
const TIME: Duration = Duration::from_secs(10);

/// How keys and answers about tokens are fetched: with the HTTP client of the application.
///
/// It is any Tower service of HTTP requests, so TLS, proxies and retries are whatever the
/// application wants them to be. hyper-util's client is one, with `mcp_tower::Body` as its body:
///
/// ```
/// use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// use mcp_tower::{Body, auth::HttpClient};
///
/// // For HTTPS, build it with the connector of hyper-rustls or hyper-tls.
/// let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
/// let client = HttpClient::new(client);
/// # let _ = client;
/// ```
///
/// Nothing is followed: an answer other than 200 is a failure. A request may take 10 seconds, and
/// its answer have 256 KiB.
#[derive(Clone)]
pub struct HttpClient {
    client: Arc<dyn Erased>,
    time: Duration,
    max_bytes: usize,
}

impl HttpClient {
    /// A client from a Tower service.
    pub fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
    {
        Self {
            client: Arc::new(Mutex::new(service)),
            time: TIME,
            max_bytes: MAX_BYTES,
        }
    }

    /// How long a request may take, to the end of its answer.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// How long an answer may be, in bytes.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// The body of a 200. It needs a tokio runtime with timers.
    pub(super) async fn send(&self, request: Request<Body>) -> Result<Bytes, FetchError> {
        let answer = self.client.send(request, self.max_bytes);
        let answer = tokio::time::timeout(self.time, answer).await;
        answer.unwrap_or(Err(FetchError::TimedOut))
    }
}

/// What went wrong; never what was sent.
#[derive(Debug)]
pub(super) enum FetchError {
    Failed(BoxError),
    Status(StatusCode),
    TooLarge,
    TimedOut,
    Broken,
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "the request failed: {error}"),
            Self::Status(status) => write!(f, "the answer was {status}"),
            Self::TooLarge => f.write_str("the answer was too large"),
            Self::TimedOut => f.write_str("the answer took too long"),
            Self::Broken => f.write_str("the answer could not be read"),
        }
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            _ => None,
        }
    }
}

trait Erased: Send + Sync {
    fn send(
        &self,
        request: Request<Body>,
        max_bytes: usize,
    ) -> BoxFuture<'static, Result<Bytes, FetchError>>;
}

impl<S, B> Erased for Mutex<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
{
    fn send(
        &self,
        request: Request<Body>,
        max_bytes: usize,
    ) -> BoxFuture<'static, Result<Bytes, FetchError>> {
        // Locked only to be cloned: not every client is `Sync`.
        let mut client = self.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let failed = |error: S::Error| FetchError::Failed(error.into());
        Box::pin(async move {
            poll_fn(|cx| client.poll_ready(cx)).await.map_err(failed)?;
            let response = client.call(request).await.map_err(failed)?;
            if response.status() != StatusCode::OK {
                return Err(FetchError::Status(response.status()));
            }
            let body = collect(response.into_body(), max_bytes, None, |_| true).await;
            body.map_err(|error| match error {
                CollectError::TooLarge => FetchError::TooLarge,
                CollectError::TimedOut => FetchError::TimedOut,
                CollectError::Broken | CollectError::NoRoom => FetchError::Broken,
            })
        })
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("time", &self.time)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}
