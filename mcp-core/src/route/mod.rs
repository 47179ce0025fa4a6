//! One erased handler: what the catalog stores and layers wrap.

mod guarded;

pub(crate) use guarded::Guarded;

use crate::{
    context::Context,
    error::{BoxError, Failure, Reference, RequestError},
    peer::BoxFuture,
    protocol::RawJson,
    refusal::Refusal,
    request::Request,
    response::{Payload, Response},
};
use std::{
    error::Error,
    fmt,
    future::{Future, poll_fn},
    sync::Arc,
    task::{self, Poll},
};
use tower_layer::Layer;
use tower_service::Service;

/// A service of MCP requests, erased and cheap to clone.
///
/// A layer around an operation and a layer around all requests both wrap a `Route`, so one layer
/// fits both places. Erasing a service keeps its readiness: a layer that sheds load, or waits,
/// finds out whether what it wraps is ready, through any number of routes.
pub struct Route {
    service: Arc<dyn ErasedService>,
    /// What `poll_ready` has asked, until it is called. Not part of a clone: readiness may be a
    /// permit.
    asked: Option<Box<dyn Asked>>,
}

/// The future of a [`Route`].
pub(crate) type RouteFuture = BoxFuture<'static, Result<Response, BoxError>>;

/// The answer of a handler that has nothing to wait for.
pub(crate) fn answered(response: impl Into<Response>) -> RouteFuture {
    Box::pin(std::future::ready(Ok(response.into())))
}

trait ErasedService: Send + Sync {
    /// Waits until the service is ready, then calls it.
    fn call(&self, request: Request) -> RouteFuture;
    /// A clone to ask for its readiness; none when it is always ready.
    fn ask(&self) -> Option<Box<dyn Asked>>;
}

/// One clone of a layered service, on its way to one call.
trait Asked: Send + Sync {
    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), BoxError>>;
    fn call(self: Box<Self>, request: Request) -> RouteFuture;
}

/// A handler that is always ready and never fails: called without cloning it.
pub(crate) trait Handle: Send + Sync + 'static {
    fn handle(&self, request: Request) -> RouteFuture;
}

struct Direct<H>(H);

impl<H: Handle> ErasedService for Direct<H> {
    fn call(&self, request: Request) -> RouteFuture {
        self.0.handle(request)
    }

    fn ask(&self) -> Option<Box<dyn Asked>> {
        None
    }
}

/// A layered service, cloned for each call as Tower asks.
struct Layered<S>(S);

impl<S> Asked for Layered<S>
where
    S: Service<Request, Response = Response> + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(mut self: Box<Self>, request: Request) -> RouteFuture {
        let answer = self.0.call(request);
        Box::pin(async move { answer.await.map_err(Into::into) })
    }
}

impl<S> ErasedService for Layered<S>
where
    S: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    fn call(&self, request: Request) -> RouteFuture {
        let mut service = self.0.clone();
        Box::pin(async move {
            poll_fn(|cx| service.poll_ready(cx))
                .await
                .map_err(Into::into)?;
            service.call(request).await.map_err(Into::into)
        })
    }

    fn ask(&self) -> Option<Box<dyn Asked>> {
        Some(Box::new(Self(self.0.clone())))
    }
}

/// A closure whose results are whole result objects.
struct RawHandler<F>(F);

impl<F, Fut, E> Handle for RawHandler<F>
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<RawJson, E>> + Send + 'static,
    E: Into<RequestError>,
{
    fn handle(&self, request: Request) -> RouteFuture {
        let start = |_| -> BoxFuture<'static, _> {
            let answer = (self.0)(request.clone());
            Box::pin(async move { answer.await.map_err(|error| Failure::from(error.into())) })
        };
        Box::pin(Guarded::new(
            Context::new(request.clone()),
            start,
            |_, answer| {
                answer
                    .map(Payload::Raw)
                    .map_err(|failure| failure.into_refusal(""))
            },
        ))
    }
}

impl Route {
    pub(crate) fn direct(handler: impl Handle) -> Self {
        Self::erased(Arc::new(Direct(handler)))
    }

    fn erased(service: Arc<dyn ErasedService>) -> Self {
        Self {
            service,
            asked: None,
        }
    }

    /// Erases a service. Its clones must share what they limit, as Tower's own do.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        Self::erased(Arc::new(Layered(service)))
    }

    /// A route from a closure over whole requests, for methods that have no typed model.
    ///
    /// ```
    /// use mcp_core::{RequestError, Route, Server, protocol::RawJson};
    ///
    /// let echo = Route::from_fn(|request| async move {
    ///     let params = request.facts().message.raw_params();
    ///     Ok::<_, RequestError>(params.unwrap_or(RawJson::EMPTY_OBJECT))
    /// });
    /// let server = Server::builder("echo", "1.0").fallback(echo).build();
    /// ```
    pub fn from_fn<F, Fut, E>(handler: F) -> Self
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<RawJson, E>> + Send + 'static,
        E: Into<RequestError>,
    {
        Self::direct(RawHandler(handler))
    }

    /// Wraps the route in a layer.
    #[must_use]
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Self>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self::new(layer.layer(self))
    }

    pub(crate) fn start(&self, request: Request) -> RouteFuture {
        self.service.call(request)
    }
}

impl Clone for Route {
    fn clone(&self) -> Self {
        Self::erased(self.service.clone())
    }
}

impl Service<Request> for Route {
    type Response = Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.asked.is_none() {
            self.asked = self.service.ask();
        }
        match &mut self.asked {
            Some(asked) => asked.poll_ready(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Without `poll_ready` before it, the call itself waits until the service is ready.
    fn call(&mut self, request: Request) -> Self::Future {
        match self.asked.take() {
            Some(asked) => asked.call(request),
            None => self.start(request),
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Route")
    }
}

/// What a layer's error means to a client.
///
/// A [`Refusal`] is passed on; Tower's overload and timeout errors have one each; anything else is
/// a fault of the server, for the log only. A cause counts like the error itself: layers such as
/// Tower's `Buffer` wrap what they pass on.
pub(crate) fn refusal_of(error: BoxError) -> Refusal {
    use tower::{load_shed::error::Overloaded, timeout::error::Elapsed};
    let mut cause: Option<&(dyn Error + 'static)> = Some(&*error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return refusal.clone();
        }
        if error.is::<Overloaded>() {
            return Refusal::overloaded();
        }
        if error.is::<Elapsed>() {
            return Refusal::timed_out(None);
        }
        cause = error.source();
    }
    Refusal::internal(Reference::log(&error.to_string()))
}
