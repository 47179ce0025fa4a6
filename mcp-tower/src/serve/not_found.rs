use http::{Request, Response, StatusCode};
use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};
use tower_service::Service;

/// An application without pages: 404 for everything. The inner service of a layer that is all
/// there is.
///
/// ```
/// use mcp_tower::{McpLayer, Server, serve};
///
/// let server = Server::builder("calculator", "1.0").build();
/// let app = tower::ServiceBuilder::new()
///     .layer(McpLayer::new(server))
///     .service(serve::not_found());
/// # let _ = app;
/// ```
pub fn not_found() -> NotFound {
    NotFound(())
}

/// See [`not_found`].
#[derive(Clone, Copy, Debug)]
pub struct NotFound(());

impl<B> Service<Request<B>> for NotFound {
    type Response = Response<crate::Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(Ok(crate::reply::empty(StatusCode::NOT_FOUND)))
    }
}
