use super::ServeOptions;
use crate::peer_addr::PeerAddr;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use mcp_core::BoxError;
use std::{future::poll_fn, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower_service::Service;

/// The open connections of a server.
pub(super) struct Connections {
    builder: Builder<TokioExecutor>,
    graceful: GracefulShutdown,
    permits: Arc<Semaphore>,
    options: ServeOptions,
}

impl Connections {
    pub(super) fn new(options: ServeOptions) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(options.header_time)
            // hyper panics below this.
            .max_buf_size(options.header_bytes.max(8 * 1024));
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(options.header_time)
            .keep_alive_timeout(options.header_time)
            .max_concurrent_streams(options.streams)
            .max_header_list_size(options.header_bytes.try_into().unwrap_or(u32::MAX));
        Self {
            builder,
            graceful: GracefulShutdown::new(),
            permits: Arc::new(Semaphore::new(
                options.connections.min(Semaphore::MAX_PERMITS),
            )),
            options,
        }
    }

    /// Waits until another connection may be open. `None` never happens: the semaphore is not
    /// closed.
    pub(super) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        self.permits.clone().acquire_owned().await.ok()
    }

    /// Serves a connection in a task of its own. A panic there ends that connection only.
    pub(super) fn spawn<I, S, B>(
        &self,
        io: I,
        peer: Option<SocketAddr>,
        service: S,
        permit: Option<OwnedSemaphorePermit>,
    ) where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            if let Some(peer) = peer {
                request.extensions_mut().insert(PeerAddr(peer));
            }
            let mut service = service.clone();
            async move {
                poll_fn(|cx| service.poll_ready(cx)).await?;
                service.call(request).await
            }
        });
        let connection = self
            .builder
            .serve_connection_with_upgrades(TokioIo::new(io), service)
            .into_owned();
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(target: "mcp", %error, "a connection ended");
            }
            drop(permit);
        });
    }

    /// Lets running requests finish, for as long as the grace period.
    pub(super) async fn finish(self) {
        let grace = self.options.grace;
        if tokio::time::timeout(grace, self.graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!(target: "mcp", "requests were cut off at shutdown");
        }
    }
}
