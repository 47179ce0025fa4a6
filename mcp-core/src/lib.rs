#![doc = include_str!("lib.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod ask;
mod audit;
mod blocking;
pub mod call;
#[cfg(feature = "tracing-client-logs")]
mod client_logs;
pub mod connection;
mod context;
mod drain;
mod error;
mod extract;
pub mod governor;
mod handler;
mod hub;
#[cfg(feature = "metrics")]
mod metrics;
mod param;
mod peer;
mod principal;
#[doc(hidden)]
pub mod private;
mod prompt;
pub mod protocol;
mod quirks;
mod refusal;
mod request;
mod resource;
mod response;
pub mod round;
mod route;
mod scopes;
mod seal;
mod server;
mod session;
#[cfg(feature = "stdio")]
#[cfg_attr(docsrs, doc(cfg(feature = "stdio")))]
pub mod stdio;
mod tool;
#[cfg(feature = "json-schema")]
mod validation;

#[doc(inline)]
pub use self::{
    ask::{
        AskError, AskErrorKind, Elicit, ElicitUrl, Elicited, Question, Root, Roots, Sample,
        SamplingMessage, SamplingRequest, SamplingResult, Together,
    },
    audit::AuditEvent,
    blocking::blocking,
    context::{Context, IdempotencyKey, ProgressUpdate, StepError},
    drain::Drained,
    error::{BoxError, InvalidArgument, InvalidArgumentKind, Reference, RequestError, ToolError},
    extract::{ClientInfo, Extension, FromContext, FromRef, Headers, State},
    handler::{Annotated, Tagged},
    hub::{ChangeNotice, CloseReason, Listener, ListenerHandle, SubscriptionFilter},
    param::{Args, InputSchema, OutputSchema, Param},
    peer::{BoxFuture, Peer},
    principal::{Mount, Principal, Subject},
    prompt::{IntoPromptResult, PromptHandler, PromptMarker},
    protocol::{
        CacheHint, Capability, ContentBlock, Icon, LogLevel, PromptMessage, ResourceContents, Role,
        ToolResult,
    },
    quirks::{NoHandshake, Quirks},
    refusal::{Refusal, RefusalKind},
    request::{
        Batch, Claim, Client, Facts, Handshake, HttpHead, Request, TraceContext, TraceParent,
        TraceParentError,
    },
    resource::{
        IntoReadResult, ResourceHandler, ResourceMarker, Template, TemplateError, Variables,
    },
    response::{InputRequired, Page, Payload, Response},
    route::Route,
    scopes::{InvalidScope, Scopes},
    seal::{KeyRing, NoRandomness, random},
    server::{
        BuildError, Caller, Catalog, CatalogUpdate, Completers, Entry, HeaderParam, HeaderType,
        Item, List, MethodInfo, NameSource, Offered, Options, ProtocolExtension, ScopePolicy,
        Server, ServerBuilder, ServerHandle,
    },
    session::{ChargedSession, Session, SessionState},
    tool::{IntoToolResult, Json, ToolHandler, ToolMarker},
};

#[cfg(feature = "tracing-client-logs")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing-client-logs")))]
#[doc(inline)]
pub use self::client_logs::ClientLogs;
#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
#[doc(inline)]
pub use self::metrics::record_metrics;
#[cfg(feature = "stdio")]
#[doc(inline)]
pub use self::stdio::serve_stdio;
#[cfg(feature = "json-schema")]
#[cfg_attr(docsrs, doc(cfg(feature = "json-schema")))]
#[doc(inline)]
pub use self::validation::{SchemaChecks, SchemaCost, SchemaEffort};
#[cfg(feature = "macros")]
#[doc(no_inline)]
pub use mcp_macros::{mcp_prompt, mcp_resource, mcp_tool};
