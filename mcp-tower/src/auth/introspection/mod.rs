//! Tokens that say nothing by themselves: the server that made them is asked (RFC 7662).

mod answer;
mod cache;

use super::{
    HttpClient, Identity, Token, TokenError, TokenValidator,
    url::{self, InvalidUrl},
};
use crate::body::Body;
use answer::{Answer, Checks};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use cache::Cache;
use http::{HeaderValue, Method, Request, Uri, header};
use mcp_core::BoxFuture;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::digest::{SHA256, digest};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{sync::Semaphore, time::Instant};

/// What a form leaves as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// How long the answer "no" is remembered.
const REFUSAL_TTL: Duration = Duration::from_secs(10);

/// Asks the authorization server about each token.
///
/// ```
/// use mcp_tower::auth::{HttpClient, Introspection};
///
/// # fn of(client: HttpClient, secret: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let validator = Introspection::new(client, "https://login.example.com", "https://login.example.com/introspect")?
///     .credentials("notes-server", secret)
///     .audience("https://example.com/mcp");
/// # let _ = validator; Ok(())
/// # }
/// ```
///
/// A token is accepted if the answer says that it is active, names a subject and, among its `aud`,
/// the [`audience`](Self::audience); without one configured, nothing is accepted unless
/// [`any_audience`](Self::any_audience) was chosen.
///
/// Answers are remembered by the SHA-256 digest of the token: a minute ([`ttl`](Self::ttl)), but
/// never past the expiry of the token, and ten seconds for those that were refused; at most 10 000
/// of each ([`remember`](Self::remember)). At most 64 questions are open at once
/// ([`max_open`](Self::max_open)); a token beyond them is answered 503.
///
/// It needs a tokio runtime with timers when it is used, not when it is made.
#[derive(Clone)]
pub struct Introspection {
    client: HttpClient,
    endpoint: Uri,
    credentials: Option<HeaderValue>,
    checks: Checks,
    ttl: Duration,
    accepted: Arc<Cache<Identity>>,
    refused: Arc<Cache<&'static str>>,
    open: Arc<Semaphore>,
}

impl Introspection {
    /// Asks this endpoint of this issuer.
    ///
    /// # Errors
    /// When the endpoint is neither HTTPS nor on this machine: tokens are sent to it.
    pub fn new(
        client: HttpClient,
        issuer: impl Into<String>,
        endpoint: &str,
    ) -> Result<Self, InvalidUrl> {
        Ok(Self {
            client,
            endpoint: url::trusted(endpoint)?,
            credentials: None,
            checks: Checks::new(issuer.into()),
            ttl: Duration::from_secs(60),
            accepted: Arc::new(Cache::new(10_000)),
            refused: Arc::new(Cache::new(10_000)),
            open: Arc::new(Semaphore::new(64)),
        })
    }

    /// Who asks: the client id and secret that the authorization server gave to this server.
    #[must_use]
    pub fn credentials(mut self, client_id: &str, secret: &str) -> Self {
        // RFC 6749, section 2.3.1: both are encoded before they are joined.
        let pair = format!("{}:{}", form(client_id), form(secret));
        let value = format!("Basic {}", STANDARD.encode(pair));
        // Base64 is always a header value.
        self.credentials = HeaderValue::try_from(value).ok().map(|mut value| {
            value.set_sensitive(true);
            value
        });
        self
    }

    /// Whom tokens have to be for; may be called again, for another name of the same endpoint.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.checks.audiences.push(audience.into());
        self
    }

    /// Accepts what the authorization server calls active, whomever it is for. Choose this only if
    /// the server answers `active` for nothing but tokens that were made for the client that asks.
    #[must_use]
    pub fn any_audience(mut self) -> Self {
        self.checks.any_audience = true;
        self
    }

    /// How long an answer is remembered: the longest that a token which was withdrawn still works.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// How many accepted tokens are remembered, and how many refused ones.
    #[must_use]
    pub fn remember(mut self, tokens: usize) -> Self {
        self.accepted = Arc::new(Cache::new(tokens));
        self.refused = Arc::new(Cache::new(tokens));
        self
    }

    /// How many questions may be open at once.
    #[must_use]
    pub fn max_open(mut self, questions: usize) -> Self {
        self.open = Arc::new(Semaphore::new(questions.min(Semaphore::MAX_PERMITS)));
        self
    }

    async fn check(&self, token: Token<'_>) -> Result<Identity, TokenError> {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, token.expose().as_bytes()).as_ref());
        let now = Instant::now();
        if let Some(identity) = self.accepted.get(&key, now) {
            return Ok(identity);
        }
        if let Some(reason) = self.refused.get(&key, now) {
            return Err(TokenError::invalid(reason));
        }
        let answer = self.ask(token).await?;
        match self.checks.check(answer, SystemTime::now()) {
            Ok(identity) => {
                let left = identity.expires_at().map(|at| {
                    let left = at.duration_since(SystemTime::now());
                    left.unwrap_or_default()
                });
                let ttl = left.map_or(self.ttl, |left| left.min(self.ttl));
                self.accepted.insert(key, identity.clone(), now, ttl);
                Ok(identity)
            }
            Err(reason) => {
                self.refused
                    .insert(key, reason, now, REFUSAL_TTL.min(self.ttl));
                Err(TokenError::invalid(reason))
            }
        }
    }

    async fn ask(&self, token: Token<'_>) -> Result<Answer, TokenError> {
        let _open = self
            .open
            .try_acquire()
            .map_err(|_| TokenError::unavailable("too many questions about tokens are open"))?;
        let form = format!(
            "token={}&token_type_hint=access_token",
            form(token.expose())
        );
        let mut request = Request::new(Body::from(Bytes::from(form)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint.clone();
        let headers = request.headers_mut();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(credentials) = &self.credentials {
            headers.insert(header::AUTHORIZATION, credentials.clone());
        }
        let answer = self.client.send(request).await;
        let answer = answer.map_err(TokenError::unavailable)?;
        // What serde says of it may quote it.
        serde_json::from_slice(&answer)
            .map_err(|_| TokenError::unavailable("the answer about a token cannot be read"))
    }
}

fn form(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, FORM)
}

impl TokenValidator for Introspection {
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>> {
        Box::pin(self.check(token))
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("endpoint", &self.endpoint)
            .field("checks", &self.checks)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}
