//! Deciding.

use serde::Serialize;

/// How it was decided what a tool answers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trace {}

/// What moves from call to call.
#[derive(Debug, Default)]
pub struct Counters {}
