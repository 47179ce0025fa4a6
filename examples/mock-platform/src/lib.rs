//! MCP servers that are data.
//!
//! Each server says who may call it: anybody, or whoever has what [`access`] describes.

pub mod access;
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
