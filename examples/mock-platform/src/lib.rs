//! MCP servers that are data.

pub mod design;
pub mod engine;
