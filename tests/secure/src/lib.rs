//! What the tests of the secure example share: a server of their own, a client that trusts its
//! certificate and sees every byte, and the steps of the code flow.

mod client;
mod flow;
mod mcp;
mod system;

pub use client::{Client, Event, Reply};
pub use flow::{
    Authorization, CHALLENGE, REDIRECT, Registered, Tokens, VERIFIER, error_of, parameters,
};
pub use mcp::{Answer, Mcp};
pub use system::System;
