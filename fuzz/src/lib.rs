//! What the targets share: a server, requests of two callers, and what any answer has to be.

mod answer;
mod fixture;
mod sandbox;

pub use answer::Answer;
pub use fixture::service;
pub use model_tests::{Ask, Event, events};
pub use sandbox::{Fresh, Sandbox, said};
