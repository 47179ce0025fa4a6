use std::net::SocketAddr;

/// The address of the other end of the connection, as an extension of the request.
///
/// [`serve`](mod@crate::serve) sets it for TCP. In an application of your own, set it in a layer
/// of your own, from whatever your server or proxy says. Behind a proxy it is the proxy's address:
/// a header such as `Forwarded` is for a layer that knows which proxies to believe.
///
/// ```
/// use mcp_tower::PeerAddr;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(PeerAddr(([127, 0, 0, 1], 50_000).into()));
///
/// let peer = request.extensions().get::<PeerAddr>();
/// assert!(peer.is_some_and(|PeerAddr(address)| address.ip().is_loopback()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerAddr(pub SocketAddr);
