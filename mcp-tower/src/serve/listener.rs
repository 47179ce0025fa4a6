use std::{future::Future, io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

/// Where connections come from: TCP, a Unix socket, TLS over either.
///
/// An implementation deals with its own errors: it logs them, waits, and goes on. For TLS, accept
/// and shake hands in tasks and hand over what is ready, so that one slow client holds up nobody.
pub trait Listener: Send + 'static {
    /// A connection.
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next connection, and the address of its other end where there is one.
    ///
    /// Must be cancel safe.
    fn accept(&mut self) -> impl Future<Output = (Self::Io, Option<SocketAddr>)> + Send;
}

impl Listener for TcpListener {
    type Io = tokio::net::TcpStream;

    async fn accept(&mut self) -> (Self::Io, Option<SocketAddr>) {
        loop {
            match TcpListener::accept(self).await {
                Ok((stream, peer)) => {
                    // Without it, an answer in two pieces waits for the client's delayed
                    // acknowledgement: a flat 40 ms.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(target: "mcp", %error, "TCP_NODELAY");
                    }
                    return (stream, Some(peer));
                }
                Err(error) => pause(&error).await,
            }
        }
    }
}

#[cfg(unix)]
impl Listener for tokio::net::UnixListener {
    type Io = tokio::net::UnixStream;

    async fn accept(&mut self) -> (Self::Io, Option<SocketAddr>) {
        loop {
            match tokio::net::UnixListener::accept(self).await {
                Ok((stream, _)) => return (stream, None),
                Err(error) => pause(&error).await,
            }
        }
    }
}

/// An error of one connection is that connection's; any other, such as too many open files, will
/// not pass by trying again at once.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::error!(target: "mcp", %error, "cannot accept connections");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
