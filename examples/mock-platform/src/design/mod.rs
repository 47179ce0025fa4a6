//! What a server is to be: read from JSON, and checked as a whole before anything serves it.
//!
//! [`ServerDesign::parse`] is the only way in, so that a design that exists is right: its patterns
//! compile, its operators have the values they compare with, no name is there twice, and no response
//! breaks the output schema of its tool, as far as that can be known before a call.

pub(crate) mod compare;
mod condition;
mod fault;
pub mod limits;
mod placeholder;
mod prompt;
mod read_condition;
mod read_content;
mod read_items;
mod read_scenario;
mod read_server;
mod reader;
mod resource;
mod sample;
mod scenario;
mod schema;
mod server;
mod text;
mod tool;
mod uri;

pub use condition::{Comparison, Condition, FieldPath, JsonType, Operator, Test};
pub use fault::{DesignFault, DesignFaults};
pub use mcp_tower::Role;
pub(crate) use placeholder::escape_value;
pub use placeholder::{Piece, Placeholder, escape, pieces};
pub use prompt::{PromptArgument, PromptDesign, PromptMessage};
pub(crate) use read_server::is_id;
pub use resource::{ResourceContents, ResourceDesign};
pub use scenario::{ErrorOutcome, LogStep, Outcome, ProgressStep, Response, Scenario};
pub use schema::OutputSchema;
pub use server::{AuthDesign, DefaultResponse, Profile, ServerDesign, Status};
pub use text::{Unreadable, read};
pub use tool::ToolDesign;
