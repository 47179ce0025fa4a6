//! `_meta`: its defined keys, and the map that items and results carry.

use serde_json::{Map, Value};

/// Names that the specification defines inside `_meta`.
pub mod key {
    /// The revision a request claims.
    pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
    /// The capabilities of the requesting client.
    pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
    /// Name and version of the requesting client.
    pub const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
    /// Name and version of the answering server.
    pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
    /// The lowest level of log messages a request wants.
    pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
    /// The listen request a notification belongs to.
    pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";
    /// Where progress of a request goes.
    pub const PROGRESS_TOKEN: &str = "progressToken";
    /// W3C trace context.
    pub const TRACEPARENT: &str = "traceparent";
    /// W3C trace state.
    pub const TRACESTATE: &str = "tracestate";
    /// W3C baggage.
    pub const BAGGAGE: &str = "baggage";
}

/// Free metadata on an item or a result.
pub type Meta = Map<String, Value>;
