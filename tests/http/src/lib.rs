//! What the wire tests share: a client that sees every byte, the three mounts, one server with one
//! of each, and tables of requests with their answers.

mod asking;
mod budget;
mod case;
mod client;
mod fixture;
mod mount;
mod post;
mod program;

pub use asking::{Name, ask};
pub use budget::{governor, peak, until, until_idle, used};
pub use case::{Case, check, check_on, open};
pub use client::{Client, Event, Head, Reply};
pub use fixture::{Probe, Tenant, builder, server};
pub use mount::{Running, all, axum, hyper, outside, serve_axum, serve_hyper, tonic};
pub use post::Post;
pub use program::Program;

/// The revisions that begin with `initialize`, newest first.
pub const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// The revision of self-contained requests.
pub const MODERN: &str = "2026-07-28";
/// The prefix of the protocol's own names in `_meta`.
pub const PREFIX: &str = "io.modelcontextprotocol/";
