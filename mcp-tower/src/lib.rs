#![doc = include_str!("lib.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod accept;
#[cfg(feature = "auth")]
#[cfg_attr(docsrs, doc(cfg(feature = "auth")))]
pub mod auth;
mod batch;
mod body;
pub mod bus;
mod collect;
mod cors;
#[doc = include_str!("../docs/deploying.md")]
pub mod deploying {}
mod endpoint;
mod entrance;
mod exchange;
mod header_value;
mod headers;
mod host;
mod http_sse;
mod incoming;
mod keep_alive;
mod layer;
#[doc = include_str!("../docs/layers.md")]
pub mod layers {}
mod legacy;
mod limits;
mod modern;
mod peer_addr;
#[cfg(feature = "rate-limit")]
#[cfg_attr(docsrs, doc(cfg(feature = "rate-limit")))]
pub mod rate_limit;
mod replay;
mod replicas;
mod reply;
mod resolve;
mod running;
#[cfg(feature = "serve")]
#[cfg_attr(docsrs, doc(cfg(feature = "serve")))]
pub mod serve;
mod service;
mod session;
mod sse;
mod standing;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;

#[cfg(feature = "serve")]
#[doc(inline)]
pub use self::serve::serve;
#[doc(inline)]
pub use self::{
    accept::AcceptPolicy,
    body::Body,
    cors::Cors,
    host::{AllowedHosts, InvalidAllowedHost},
    http_sse::HttpSse,
    layer::{LayerBody, LayerFuture, McpLayer, McpLayerService},
    limits::Limits,
    peer_addr::PeerAddr,
    replicas::Replicas,
    resolve::{Resolve, Resolved, Unresolved},
    service::{McpService, ResponseFuture},
    session::SessionOptions,
};

#[doc(hidden)]
pub use mcp_core::private;
#[cfg(feature = "stdio")]
#[cfg_attr(docsrs, doc(cfg(feature = "stdio")))]
#[doc(no_inline)]
pub use mcp_core::stdio::{self, serve_stdio};
#[doc(no_inline)]
pub use mcp_core::{
    self as core, Args, AskError, AuditEvent, BuildError, Caller, Capability, CatalogUpdate,
    ClientInfo, ContentBlock, Context, Elicited, Entry, Extension, FromContext, FromRef, Headers,
    InvalidScope, Json, KeyRing, LogLevel, Offered, Principal, PromptMessage, Quirks, Refusal,
    Request, RequestError, ResourceContents, Response, Role, SamplingMessage, SamplingRequest,
    ScopePolicy, Scopes, Server, ServerHandle, State, Together, ToolError, ToolResult, blocking,
    governor, protocol,
};
#[cfg(feature = "macros")]
#[doc(no_inline)]
pub use mcp_macros::{
    mcp_prompt_via_tower as mcp_prompt, mcp_resource_via_tower as mcp_resource,
    mcp_tool_via_tower as mcp_tool,
};

/// The examples of the readme, compiled.
#[cfg(all(
    doctest,
    feature = "rate-limit",
    feature = "redis",
    feature = "stdio",
    feature = "testing"
))]
#[doc = include_str!("../../README.md")]
struct Readme;
