//! The stdio transport, line by line, over in-memory pipes.
#![allow(missing_docs, clippy::unwrap_used)] // a failed test may panic

mod batches;
mod cancellation;
mod changes;
mod client;
mod end;
mod lines;
mod modern;
mod questions;
mod server;
mod sessions;
