//! MCP servers that are data.

pub mod admin;
pub mod app;
pub mod calls;
mod clock;
pub mod demo;
pub mod design;
pub mod engine;
pub mod import;
mod management;
pub mod platform;
pub mod serving;
pub mod store;
mod web;
