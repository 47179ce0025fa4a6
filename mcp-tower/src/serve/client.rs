//! The service of one connection: requests learn who sends them, and are counted.

use super::activity::{Activity, Running};
use crate::peer_addr::PeerAddr;
use http::{Extensions, Method, Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tower_service::Service;

/// Serves one client with clones of a service.
pub(super) struct Client<S> {
    pub(super) service: S,
    pub(super) activity: Arc<Activity>,
    pub(super) peer: Option<SocketAddr>,
    pub(super) extensions: Extensions,
}

impl<S, B> hyper::service::Service<Request<Incoming>> for Client<S>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone,
{
    type Response = Response<ClientBody<B>>;
    type Error = S::Error;
    type Future = ClientFuture<S, S::Future>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(PeerAddr(peer));
        }
        if !self.extensions.is_empty() {
            request.extensions_mut().extend(self.extensions.clone());
        }
        ClientFuture {
            running: Some(self.activity.start()),
            is_connect: request.method() == Method::CONNECT,
            state: State::NotReady {
                service: self.service.clone(),
                request: Some(request),
            },
        }
    }
}

pin_project! {
    /// Waits until the service is ready, calls it, and counts as a running request.
    pub(super) struct ClientFuture<S, F> {
        running: Option<Running>,
        is_connect: bool,
        #[pin]
        state: State<S, F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F> {
        NotReady {
            service: S,
            request: Option<Request<Incoming>>,
        },
        Called {
            #[pin]
            future: F,
        },
    }
}

impl<S, B> Future for ClientFuture<S, S::Future>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
{
    type Output = Result<Response<ClientBody<B>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let response = loop {
            match this.state.as_mut().project() {
                StateProj::NotReady { service, request } => {
                    ready!(service.poll_ready(cx))?;
                    let request = request.take().expect("called once");
                    let future = service.call(request);
                    this.state.set(State::Called { future });
                }
                StateProj::Called { future } => break ready!(future.poll(cx))?,
            }
        };
        let mut running = this.running.take();
        // A tunnel over HTTP/2 (a WebSocket, RFC 8441) goes on after its response, out of sight.
        if *this.is_connect && response.status().is_success() {
            running.take().into_iter().for_each(Running::keep);
        }
        Poll::Ready(Ok(response.map(|body| ClientBody { body, running })))
    }
}

pin_project! {
    /// A body that counts as a running request until it is dropped.
    pub(super) struct ClientBody<B> {
        #[pin]
        body: B,
        running: Option<Running>,
    }
}

impl<B: Body> Body for ClientBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
