//! A name that connects what a client was told with what the log says.

use crate::seal;
use std::fmt;

/// A random name for one internal error: shown to the client, written to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference(u64);

impl Reference {
    /// A fresh reference. Without a source of randomness all references are zero, which costs the
    /// connection to the log and nothing else.
    pub fn new() -> Self {
        Self(seal::random().map(u64::from_be_bytes).unwrap_or_default())
    }

    /// Logs `text` as an error and returns the reference it was logged under.
    pub fn log(text: &str) -> Self {
        let reference = Self::new();
        tracing::error!(target: "mcp", %reference, error = text, "internal error");
        reference
    }
}

impl Default for Reference {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
