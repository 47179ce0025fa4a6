//! How an operation is run, apart from what it is.

use crate::protocol::Capability;

/// How an operation is run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    requires: Vec<Capability>,
    ignore_unknown: bool,
    unlisted: bool,
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client capability that every call needs. A call without it is refused before it starts.
    #[must_use]
    pub fn requires(mut self, capability: Capability) -> Self {
        self.requires.push(capability);
        self
    }

    /// Ignores arguments that nothing reads, instead of refusing them.
    #[must_use]
    pub fn ignore_unknown(mut self) -> Self {
        self.ignore_unknown = true;
        self
    }

    /// Leaves the operation out of lists. It can still be called.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.unlisted = true;
        self
    }

    pub(crate) fn required(&self) -> &[Capability] {
        &self.requires
    }

    pub(crate) fn ignores_unknown(&self) -> bool {
        self.ignore_unknown
    }

    pub(crate) fn is_unlisted(&self) -> bool {
        self.unlisted
    }
}
