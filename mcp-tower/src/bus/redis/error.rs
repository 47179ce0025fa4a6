//! What Redis and the way to it fail with.

use crate::bus::BusError;
use ::redis::RedisError;
use std::error::Error;

/// The reason without the server's own words: those may quote what it was sent.
pub(super) fn unavailable(error: &RedisError) -> BusError {
    let io = error.source().filter(|_| error.is_io_error());
    BusError::unavailable(match (io, error.code()) {
        (Some(io), _) => format!("{}: {io}", error.category()),
        (None, Some(code)) => format!("{}: {code}", error.category()),
        (None, None) => error.category().to_owned(),
    })
}

/// Tells whether another connection may do better.
pub(super) fn is_lost(error: &RedisError) -> bool {
    // What was the primary is none any more.
    error.is_unrecoverable_error() || error.code() == Some("READONLY")
}
