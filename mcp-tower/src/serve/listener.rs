use std::{
    fmt,
    future::{Future, Ready, ready},
    io,
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};

/// Where connections come from: TCP, a Unix socket, TLS over either.
///
/// Accepting has two steps. [`accept`](Self::accept) waits for a client; the future it returns
/// does the rest, such as a TLS handshake, in the task of that connection. A client that is slow
/// there holds up nobody, and is given up after
/// [`header_time`](super::ServeOptions::header_time).
///
/// # Examples
///
/// TLS by `tokio-rustls`. Its `ServerConfig` should offer `h2` and `http/1.1` by ALPN.
///
/// ```
/// use mcp_tower::serve::{Accepted, Listener};
/// use std::{io, pin::Pin};
/// use tokio::net::{TcpListener, TcpStream};
/// # mod tokio_rustls {
/// #     pub mod server { pub type TlsStream<S> = S; }
/// #     #[derive(Clone)] pub struct TlsAcceptor;
/// #     impl TlsAcceptor {
/// #         pub async fn accept<S>(&self, stream: S) -> std::io::Result<S> { Ok(stream) }
/// #     }
/// # }
/// use tokio_rustls::{TlsAcceptor, server::TlsStream};
///
/// struct TlsListener {
///     tcp: TcpListener,
///     tls: TlsAcceptor,
/// }
///
/// impl Listener for TlsListener {
///     type Io = TlsStream<TcpStream>;
///     type Handshake = Pin<Box<dyn Future<Output = io::Result<Accepted<Self::Io>>> + Send>>;
///
///     async fn accept(&mut self) -> io::Result<Self::Handshake> {
///         let (stream, peer) = self.tcp.accept().await?;
///         let tls = self.tls.clone();
///         Ok(Box::pin(async move {
///             stream.set_nodelay(true)?;
///             let stream = tls.accept(stream).await?;
///             Ok(Accepted::new(stream).peer(peer))
///         }))
///     }
/// }
/// # fn is_listener<L: Listener>() {}
/// # is_listener::<TlsListener>();
/// ```
pub trait Listener: Send + 'static {
    /// A connection that is ready for HTTP.
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// What is left to do for one connection. An error ends that connection and is logged.
    type Handshake: Future<Output = io::Result<Accepted<Self::Io>>> + Send + 'static;

    /// Waits for the next client.
    ///
    /// # Errors
    ///
    /// An error does not end the server. If it is about one connection (aborted, reset, a network
    /// gone), the next one is accepted at once; after any other, such as too many open files, it
    /// is logged and accepting goes on after a second.
    ///
    /// # Cancel safety
    ///
    /// Must be cancel safe: the future is dropped and made again whenever a connection ends.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Handshake>> + Send;
}

/// A connection that is ready for HTTP, and what is known about the other end.
///
/// ```
/// use mcp_tower::serve::Accepted;
///
/// /// What the client's certificate says.
/// #[derive(Clone)]
/// struct CertifiedName(String);
///
/// # let stream = ();
/// let accepted = Accepted::new(stream)
///     .peer(([192, 0, 2, 7], 50_000).into())
///     .extension(CertifiedName("build-agent".to_owned()));
/// # let _ = accepted;
/// ```
pub struct Accepted<Io> {
    pub(super) io: Io,
    pub(super) peer: Option<SocketAddr>,
    pub(super) extensions: http::Extensions,
}

impl<Io> Accepted<Io> {
    /// A connection about whose other end nothing is known.
    pub fn new(io: Io) -> Self {
        Self {
            io,
            peer: None,
            extensions: http::Extensions::new(),
        }
    }

    /// The address of the other end: every request of the connection gets it as
    /// [`PeerAddr`](crate::PeerAddr).
    #[must_use]
    pub fn peer(mut self, peer: SocketAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Adds an extension to every request of the connection. It is cloned for each.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
        self.extensions.insert(extension);
        self
    }
}

impl<Io> fmt::Debug for Accepted<Io> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// Sets `TCP_NODELAY`.
impl Listener for TcpListener {
    type Io = TcpStream;
    type Handshake = Ready<io::Result<Accepted<TcpStream>>>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let (stream, peer) = TcpListener::accept(self).await?;
        // Without it, a response in two pieces waits for the client's delayed acknowledgement: a
        // flat 40 ms. Only a connection that is gone already refuses.
        Ok(ready(
            stream
                .set_nodelay(true)
                .map(|()| Accepted::new(stream).peer(peer)),
        ))
    }
}

/// Requests have no [`PeerAddr`](crate::PeerAddr).
#[cfg(unix)]
impl Listener for tokio::net::UnixListener {
    type Io = tokio::net::UnixStream;
    type Handshake = Ready<io::Result<Accepted<tokio::net::UnixStream>>>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let (stream, _) = tokio::net::UnixListener::accept(self).await?;
        Ok(ready(Ok(Accepted::new(stream))))
    }
}

/// How long to wait after an error that will not pass at once.
const PAUSE: Duration = Duration::from_secs(1);

/// Waits for the next client, whatever it takes.
pub(super) async fn accept<L: Listener>(listener: &mut L) -> L::Handshake {
    loop {
        match listener.accept().await {
            Ok(handshake) => return handshake,
            Err(error) if is_about_one_connection(&error) => {
                tracing::debug!(target: "mcp", %error, "a connection was not accepted");
            }
            Err(error) => {
                tracing::error!(target: "mcp", %error, "cannot accept connections");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// `accept` also reports what went wrong on the network of a connection before it was accepted;
/// see the manual page of Linux.
fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted
            | Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::HostUnreachable
            | Kind::NetworkDown
            | Kind::NetworkUnreachable
    )
}
