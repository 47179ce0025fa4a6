//! HTTP+SSE, the transport of 2024-11-05, on the wire.

mod limits;
mod pipe;
mod refusals;
mod sessions;
