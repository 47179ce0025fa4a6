//! The secure example from outside, one behaviour per file.

mod code_flow;
mod consent;
mod documents;
mod registration;
mod tls;
mod tokens;
