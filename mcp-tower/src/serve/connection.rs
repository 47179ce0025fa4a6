//! One connection, from its handshake to its end.

use super::{
    Accepted, ServeOptions,
    activity::{Activity, FAR, Silence, after},
    client::Client,
    io::Watched,
};
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use mcp_core::BoxError;
use std::{
    future::Future,
    io,
    pin::{Pin, pin},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{OwnedSemaphorePermit, watch},
    time::{Instant, timeout, timeout_at},
};
use tower_service::Service;

/// How long a client may take to leave an idle connection that is being closed.
const LEAVE: Duration = Duration::from_secs(5);

/// What all connections of a server have in common.
pub(super) struct Connections {
    builder: Builder<TokioExecutor>,
    options: ServeOptions,
}

/// What belongs to one connection; the watch is closed when the server stops.
pub(super) struct Ticket {
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) stop: watch::Receiver<()>,
}

impl Connections {
    pub(super) fn new(options: ServeOptions) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            // We count the time ourselves: hyper's limit begins only after the first bytes, and
            // cannot tell a client that is slow from one that has nothing to ask.
            .header_read_timeout(None)
            // hyper panics below this.
            .max_buf_size(options.header_bytes.max(8 * 1024));
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(options.ping_time.min(FAR))
            .keep_alive_timeout(options.ping_time.min(FAR))
            .max_concurrent_streams(options.streams)
            .max_header_list_size(options.header_bytes.try_into().unwrap_or(u32::MAX))
            // WebSockets over HTTP/2 (RFC 8441).
            .enable_connect_protocol();
        Self { builder, options }
    }

    /// Serves a connection until it ends, or is silent for too long.
    pub(super) async fn serve<F, Io, S, B>(&self, handshake: F, service: S, ticket: Ticket)
    where
        F: Future<Output = io::Result<Accepted<Io>>>,
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let Ticket { permit, mut stop } = ticket;
        let activity = Activity::new();
        let accepted = tokio::select! {
            accepted = self.shake_hands(handshake) => accepted,
            _ = stop.changed() => None,
        };
        let Some(accepted) = accepted else { return };
        let client = Client {
            service,
            activity: activity.clone(),
            peer: accepted.peer,
            extensions: accepted.extensions,
        };
        let io = Watched::new(
            accepted.io,
            permit,
            activity.clone(),
            self.options.write_time,
        );
        let io = TokioIo::new(io);
        let mut connection = pin!(self.builder.serve_connection_with_upgrades(io, client));
        let mut stopping = false;
        let ended = loop {
            tokio::select! {
                // A response that is ready goes out before time is up.
                biased;
                ended = connection.as_mut() => break ended,
                _ = stop.changed(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
                silence = activity.silence(&self.options) => match silence {
                    Silence::NoRequest => {
                        tracing::debug!(target: "mcp", "a connection was closed: no request came");
                        return;
                    }
                    Silence::Idle => {
                        connection.as_mut().graceful_shutdown();
                        break leave(connection.as_mut(), &activity).await;
                    }
                },
            }
        };
        activity.hand_over();
        if let Err(error) = ended {
            tracing::debug!(target: "mcp", %error, "a connection ended");
        }
    }

    async fn shake_hands<F, Io>(&self, handshake: F) -> Option<Accepted<Io>>
    where
        F: Future<Output = io::Result<Accepted<Io>>>,
    {
        let end = after(Instant::now(), self.options.header_time);
        match timeout_at(end, handshake).await {
            Ok(Ok(accepted)) => Some(accepted),
            Ok(Err(error)) => {
                tracing::debug!(target: "mcp", %error, "a handshake failed");
                None
            }
            Err(_) => {
                tracing::debug!(target: "mcp", "a handshake took too long");
                None
            }
        }
    }
}

/// Waits for the end of an idle connection that has been told to end. Requests that were on their
/// way are still answered; a client that does nothing is not waited for.
async fn leave<C>(mut connection: Pin<&mut C>, activity: &Activity) -> C::Output
where
    C: Future<Output = Result<(), BoxError>>,
{
    loop {
        match timeout(LEAVE, connection.as_mut()).await {
            Ok(ended) => return ended,
            Err(_) if activity.is_busy() => {}
            Err(_) => return Ok(()),
        }
    }
}
