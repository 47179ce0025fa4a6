//! What a server is to be: read from JSON, and checked as a whole before anything serves it.
//!
//! [`ServerDesign::parse`] is the only way in, so that a design that exists is right: its patterns
//! compile, its operators have the values they compare with, no name is there twice.

mod condition;
mod fault;
mod prompt;
mod resource;
mod scenario;
mod server;
mod tool;

pub use condition::{Comparison, Condition, FieldPath, JsonType, Operator, Test};
pub use fault::{DesignFault, DesignFaults};
pub use prompt::{PromptArgument, PromptDesign, PromptMessage, Role};
pub use resource::{ResourceContents, ResourceDesign};
pub use scenario::{ErrorOutcome, LogStep, Outcome, ProgressStep, Response, Scenario};
pub use server::{AuthDesign, DefaultResponse, Profile, ServerDesign, Status};
pub use tool::ToolDesign;
