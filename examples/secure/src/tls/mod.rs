//! TLS in this process: rustls with `ring`, versions 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN.

mod certificate;
mod listener;

pub use certificate::Certificate;
pub(crate) use certificate::Loaded;
pub(crate) use listener::TlsListener;

use std::{io, sync::Arc};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::CryptoProvider},
};

/// The cryptography of `ring`, by name: a default for the whole process could be set by anyone.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(tokio_rustls::rustls::crypto::ring::default_provider())
}

/// What every connection is offered.
pub(crate) fn acceptor(loaded: Loaded) -> io::Result<TlsAcceptor> {
    let mut config = ServerConfig::builder_with_provider(provider())
        // 1.2 and 1.3; rustls knows no older ones.
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(loaded.chain, loaded.key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
