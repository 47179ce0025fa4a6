use super::Auth;
use crate::{layer::LayerBody, reply};
use http::{Request, Response};
use mcp_core::BoxFuture;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower_layer::Layer;
use tower_service::Service;

/// A layer that lets requests through to the inner service only with a good token, and answers
/// for the document of RFC 9728 where it sees its paths.
///
/// It fits around anything that serves HTTP, an application with MCP in it for example; around an
/// endpoint alone, [`McpService::authorize`](crate::McpService::authorize) does the same after the
/// check of `Host` and `Origin`, as the checklist of MCP has it.
///
/// ```
/// use mcp_tower::{McpLayer, Server, auth::{Auth, AuthLayer}};
///
/// # fn app(auth: Auth) {
/// # let server = Server::builder("notes", "1").build();
/// let app: axum::Router = axum::Router::new()
///     .route("/", axum::routing::get(|| async { "anybody may read this" }))
///     .layer(McpLayer::new(server).path("/mcp"))
///     .layer(AuthLayer::new(auth).path("/mcp"));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AuthLayer {
    auth: Auth,
    path: Option<Arc<str>>,
}

impl AuthLayer {
    /// A layer that protects everything inside.
    pub fn new(auth: Auth) -> Self {
        Self { auth, path: None }
    }

    /// Protects one path, and what is below it, and lets all other requests through as they are.
    ///
    /// It is compared with the path that reaches the layer; inside a nested router that is what is
    /// left of it.
    #[must_use]
    pub fn path(mut self, path: impl Into<Arc<str>>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service of [`AuthLayer`].
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    inner: S,
    layer: AuthLayer,
}

impl<S> AuthService<S> {
    fn protects(&self, path: &str) -> bool {
        let Some(protected) = &self.layer.path else {
            return true;
        };
        let protected = protected.trim_end_matches('/');
        path.strip_prefix(protected)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl<S, B, R> Service<Request<B>> for AuthService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
    R: Send,
{
    type Response = Response<LayerBody<R>>;
    type Error = S::Error;
    type Future = AuthFuture<R, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let auth = self.layer.auth.clone();
        let protects = self.protects(request.uri().path());
        // The service that was polled ready goes into the future, a fresh one stays.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        AuthFuture(Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if let Some(document) = auth.document(&parts.method, parts.uri.path()) {
                return Ok(document.map(LayerBody::mcp));
            }
            if protects && let Err(refusal) = auth.authorize(&mut parts).await {
                return Ok(reply::refused(&refusal, None).map(LayerBody::mcp));
            }
            let mut reply = inner.call(Request::from_parts(parts, body)).await?;
            if protects {
                auth.complete(reply.headers_mut());
            }
            Ok(reply.map(LayerBody::inner))
        }))
    }
}

/// The future of [`AuthService`].
#[must_use = "futures do nothing unless polled"]
pub struct AuthFuture<R, E>(BoxFuture<'static, Result<Response<LayerBody<R>>, E>>);

impl<R, E> Future for AuthFuture<R, E> {
    type Output = Result<Response<LayerBody<R>>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<R, E> fmt::Debug for AuthFuture<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthFuture").finish_non_exhaustive()
    }
}
