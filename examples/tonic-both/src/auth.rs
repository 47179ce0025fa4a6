//! One layer for both protocols: who calls, by a bearer token.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use mcp_tower::Principal;
use std::{
    error::Error,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

/// Somebody with a token.
#[derive(Clone, Debug)]
pub(crate) struct User(pub(crate) &'static str);

/// A layer that lets in who has a token, and puts the [`User`] and the principal beside the request.
#[derive(Clone)]
pub(crate) struct AuthLayer {
    tokens: Arc<[(&'static str, User)]>,
}

impl AuthLayer {
    /// A real application would have these from elsewhere, and only their digests.
    pub(crate) fn new() -> Self {
        Self {
            tokens: Arc::new([
                ("token-of-ada", User("ada")),
                ("token-of-grace", User("grace")),
            ]),
        }
    }

    fn find(&self, headers: &HeaderMap) -> Option<User> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (_, user) = self.tokens.iter().find(|(known, _)| *known == token)?;
        Some(user.clone())
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        let layer = self.clone();
        Auth { inner, layer }
    }
}

#[derive(Clone)]
pub(crate) struct Auth<S> {
    inner: S,
    layer: AuthLayer,
}

impl<S, B, R> Service<Request<B>> for Auth<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    R: http_body::Body<Data = Bytes> + Send + 'static,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let Some(user) = self.layer.find(request.headers()) else {
            let refused = refused(request.headers());
            return Box::pin(async move { Ok(refused) });
        };
        // Nobody further in needs the token.
        request.headers_mut().remove(header::AUTHORIZATION);
        let extensions = request.extensions_mut();
        // Sessions, cursors and whatever else is kept for later belong to this principal.
        extensions.insert(Principal::new("tokens", user.0));
        extensions.insert(user);
        let response = self.inner.call(request);
        Box::pin(async move { Ok(response.await?.map(Body::new)) })
    }
}

/// Each protocol has a way of its own to say no.
fn refused(headers: &HeaderMap) -> Response<Body> {
    let kind = headers.get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc")) {
        return Status::unauthenticated("a token is needed").into_http();
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let challenge = HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}
