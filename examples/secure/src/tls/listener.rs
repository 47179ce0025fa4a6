//! Connections over TLS, for `mcp_tower::serve`.

use mcp_tower::serve::{Accepted, Listener};
use std::{io, pin::Pin};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

pub(crate) struct TlsListener {
    pub(crate) tcp: TcpListener,
    pub(crate) tls: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Handshake = Pin<Box<dyn Future<Output = io::Result<Accepted<Self::Io>>> + Send>>;

    async fn accept(&mut self) -> io::Result<Self::Handshake> {
        let (stream, peer) = self.tcp.accept().await?;
        let tls = self.tls.clone();
        Ok(Box::pin(async move {
            stream.set_nodelay(true)?;
            let stream = tls.accept(stream).await?;
            Ok(Accepted::new(stream).peer(peer))
        }))
    }
}
