//! Tests of servers: a client in this process, for every revision. See [the guide](guide).

mod answer;
mod ask;
mod call;
mod client;
mod config;
mod event_reader;
mod exchange;
mod failure;
#[doc = include_str!("../../docs/testing.md")]
pub mod guide {}
mod http;
mod listening;
mod matrix;
mod requests;
mod running;
mod seen;
mod transcript;
mod transport;

pub use self::{
    answer::Answer,
    ask::{Asked, Reply},
    call::Call,
    client::TestClient,
    config::Accept,
    failure::Failure,
    listening::{Listen, Listening},
    matrix::{Cell, Matrix},
    running::Running,
};
