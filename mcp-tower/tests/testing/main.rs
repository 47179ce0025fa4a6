//! The test kit, tried on servers that do everything it can see.
#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod failures;
mod matrix;
mod requests;
mod server;
