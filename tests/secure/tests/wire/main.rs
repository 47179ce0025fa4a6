//! The secure example from outside, one behaviour per file.

mod code_flow;
mod consent;
mod documents;
mod errors;
mod guide;
mod limits;
mod registration;
mod resource;
mod sessions;
mod stopping;
mod subscriptions;
mod tls;
mod tokens;
