//! What a server is to be: read from JSON, and checked as a whole before anything serves it.
//!
//! [`ServerDesign::parse`] is the only way in, so that a design that exists is right: its patterns
//! compile, its operators have the values they compare with, no name is there twice.

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
mod scenario;
mod schema;
mod server;
mod tool;

pub use condition::{Comparison, Condition, FieldPath, JsonType, Operator, Test};
pub use fault::{DesignFault, DesignFaults};
pub use mcp_tower::Role;
pub use placeholder::{Piece, Placeholder, pieces};
pub use prompt::{PromptArgument, PromptDesign, PromptMessage};
pub use resource::{ResourceContents, ResourceDesign};
pub use scenario::{ErrorOutcome, LogStep, Outcome, ProgressStep, Response, Scenario};
pub use server::{AuthDesign, DefaultResponse, Profile, ServerDesign, Status};
pub use tool::ToolDesign;
