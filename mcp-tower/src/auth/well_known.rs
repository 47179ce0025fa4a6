use super::ResourceMetadata;
use crate::{
    body::Body,
    reply::{self, Reply},
};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use std::{
    convert::Infallible,
    fmt,
    future::{Ready, ready},
    task::{Context, Poll},
};
use tower_service::Service;

const METHODS: &str = "GET, HEAD, OPTIONS";

/// A Tower service that answers with the document of RFC 9728 where clients look for it, and 404
/// elsewhere.
///
/// An endpoint with [`McpService::authorize`](crate::McpService::authorize) and a service under
/// [`AuthLayer`](super::AuthLayer) answer these paths themselves where they see them. Under a
/// prefix they do not: the paths are at the root of the host, whatever the prefix. Mount this
/// service there:
///
/// ```
/// use mcp_tower::auth::{MetadataService, ResourceMetadata};
///
/// # fn mount(api: axum::Router) -> Result<(), Box<dyn std::error::Error>> {
/// let metadata = ResourceMetadata::new("https://example.com/api/mcp", ["https://login.example.com"])?;
/// let service = MetadataService::new(&metadata);
/// let app: axum::Router = axum::Router::new()
///     .nest("/api", api)
///     .route_service("/.well-known/oauth-protected-resource", service.clone())
///     .route_service(&metadata.path(), service);
/// # let _ = app; Ok(())
/// # }
/// ```
///
/// Anybody may read the document, also scripts of other sites.
#[derive(Clone)]
pub struct MetadataService {
    metadata: ResourceMetadata,
    document: Bytes,
}

impl MetadataService {
    /// A service with this document.
    pub fn new(metadata: &ResourceMetadata) -> Self {
        Self {
            document: metadata.to_bytes(),
            metadata: metadata.clone(),
        }
    }

    pub(super) fn metadata(&self) -> &ResourceMetadata {
        &self.metadata
    }

    pub(super) fn is_at(&self, path: &str) -> bool {
        self.metadata.is_at(path)
    }

    /// The answer, if the path is one of the document's.
    pub(super) fn answer(&self, method: &Method, path: &str) -> Option<Reply> {
        self.is_at(path).then(|| self.reply(method))
    }

    fn reply(&self, method: &Method) -> Reply {
        let mut reply = match *method {
            Method::GET => reply::json(StatusCode::OK, self.document.clone()),
            Method::HEAD => {
                let mut reply = reply::json(StatusCode::OK, Bytes::new());
                let length = HeaderValue::from(self.document.len());
                reply.headers_mut().insert(header::CONTENT_LENGTH, length);
                reply
            }
            Method::OPTIONS => preflight(),
            _ => reply::method_not_allowed(METHODS),
        };
        let any = HeaderValue::from_static("*");
        let headers = reply.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        if matches!(*method, Method::GET | Method::HEAD) {
            let cached = HeaderValue::from_static("public, max-age=3600");
            headers.insert(header::CACHE_CONTROL, cached);
        }
        reply
    }
}

/// Clients in browsers add headers of the protocol to this request too, so they ask first.
fn preflight() -> Reply {
    let mut reply = reply::empty(StatusCode::NO_CONTENT);
    let headers = reply.headers_mut();
    for (name, value) in [
        (header::ALLOW, METHODS),
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    reply
}

impl<B> Service<Request<B>> for MetadataService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let reply = self.answer(request.method(), request.uri().path());
        ready(Ok(
            reply.unwrap_or_else(|| reply::empty(StatusCode::NOT_FOUND))
        ))
    }
}

impl fmt::Debug for MetadataService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataService")
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}
