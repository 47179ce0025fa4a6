//! The protocol model: wire types of every released revision, serde only.
//!
//! One model serves all revisions. It is written in the newest revision's terms; [`compat`] knows
//! what older revisions may not see. Nothing here knows servers, handlers or transports.

mod cache;
mod capability;
pub mod compat;
mod completion;
mod content;
mod error;
mod icon;
mod id;
mod lifecycle;
mod message;
mod meta;
mod notification;
mod one_line;
mod prompt;
mod raw;
mod resource;
mod revision;
mod tool;

pub use cache::{CacheHint, CacheScope};
pub use capability::{
    Capability, ClientCapabilities, EmptyCapability, ListCapability, ResourcesCapability,
    ServerCapabilities,
};
pub use completion::{
    CompleteParams, CompletionArgument, CompletionContext, CompletionReference, CompletionValues,
};
pub use content::{Annotations, ContentBlock, ResourceContents, Role};
pub use error::{ErrorCode, ErrorObject};
pub use icon::{Icon, IconTheme};
pub use id::{ProgressToken, RequestId};
pub use lifecycle::{DiscoverResult, Implementation, InitializeParams, InitializeResult};
pub use message::{
    DEFAULT_MAX_DEPTH, HandshakeParams, Known, Message, Params, ParseError, RequestMessage,
    RequestMeta, ResponseMessage, RoundParams, strings_within,
};
pub use meta::{Meta, key};
pub use notification::{Cancelled, LogLevel, LogMessage, Notification, Progress};
pub use one_line::put_on_one_line;
pub use prompt::{Prompt, PromptArgument, PromptMessage, PromptResult};
pub use raw::{ByteStr, RawJson};
pub use resource::{About, ReadResult, Resource, ResourceItem, ResourceTemplate};
pub use revision::{Era, Revision, UnknownRevision};
pub use tool::{Tool, ToolAnnotations, ToolResult};
