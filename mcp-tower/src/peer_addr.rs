use std::net::SocketAddr;

/// The address of the other end of the connection, as an extension of the request.
///
/// [`serve`](mod@crate::serve) sets it. In an application of your own, set it in a layer of your
/// own, from whatever your server or proxy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerAddr(pub SocketAddr);
