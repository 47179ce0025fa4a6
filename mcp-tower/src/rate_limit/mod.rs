//! Limits on calls per time, at every height.
//!
//! A [`RateLimitLayer`] gives each [`RateKey`] a [`Quota`]. It is one layer with one vocabulary for
//! three places: around HTTP, around all MCP requests of a server, and around one operation.
//!
//! ```
//! use mcp_tower::{McpLayer, McpService, Principal, Server, mcp_tool};
//! use mcp_tower::rate_limit::{Quota, RateKey, RateLimitLayer};
//!
//! #[mcp_tool]
//! async fn write(note: String) -> String {
//!     note
//! }
//!
//! // Strangers: 30 requests a minute per address, before anything is read.
//! let strangers = RateKey::address().only(|caller| *caller.principal() == Principal::Anonymous);
//! let around_http = RateLimitLayer::new(Quota::per_minute(30), strangers);
//! // Everybody: 120 a minute, no more than 30 of them at once.
//! let around_server = RateLimitLayer::new(Quota::per_minute(120).burst(30), RateKey::caller());
//! // And 20 notes a minute.
//! let around_tool = RateLimitLayer::new(Quota::per_minute(20), RateKey::caller());
//!
//! let server = Server::builder("notes", "1.0")
//!     .tool_with(write, around_tool)
//!     .layer(around_server)
//!     .build();
//! let app = tower::ServiceBuilder::new()
//!     // A layer that sets the `Principal` goes here: outside of what asks for it.
//!     .layer(around_http)
//!     .layer(McpLayer::new(McpService::new(server)))
//! #   .service(tower::service_fn(|_: http::Request<String>| async {
//! #       Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
//! #   }));
//! #   let _ = app;
//! ```
//!
//! # What is refused
//!
//! A request beyond the quota is answered with 429, `Retry-After` in whole seconds, rounded up, and
//! a JSON-RPC error: inside of a server with the id of the request, around HTTP without one, because
//! nothing has been read. Refused requests are not counted. The check comes before the inner
//! service is called, so before a stream begins.
//!
//! Around HTTP, put CORS further out: a preflight comes without credentials, so it would count for
//! the caller's address, and a 429 without the headers of CORS tells a page nothing.
//!
//! # What it costs
//!
//! A check allocates nothing and takes one short lock. A key is kept as 24 bytes, however long the
//! name of the caller is, and only while its quota is not full again; there are at most
//! [`max_keys`](RateLimitLayer::max_keys). Callers who find no place share one quota among them, so
//! that a flood of new callers neither gets through nor pushes out the others.
//!
//! Clones of a layer share their counts, so one layer around two tools counts both; two layers count
//! apart.

mod caller;
mod key;
mod layer;
mod quota;
mod service;
mod table;

pub use caller::Caller;
pub use key::RateKey;
pub use layer::RateLimitLayer;
pub use quota::Quota;
pub use service::{RateLimit, RateLimitFuture};
