//! Where designs are kept.

mod directory;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use directory::Directory;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;

use mcp_tower::core::BoxFuture;
use serde_json::Value;
use std::{fmt, io};

/// The longest document in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// Keeps documents by id.
///
/// A save or a removal that has completed survives a crash; one that has not, or has failed, leaves
/// what was there before or what was to be there, whole. Ids are those of designs: no path can be hidden in them.
pub trait Store: Send + Sync + 'static {
    /// Everything that is there.
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>>;

    /// What is there under an id at this moment.
    fn read<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Stored, StoreError>>;

    /// Keeps a document, in the place of the one with the same id.
    fn save<'a>(
        &'a self,
        id: &'a str,
        document: &'a Value,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Forgets a document; one that is not there is forgotten already.
    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;

    /// A value that is another one after the documents were changed from outside, and perhaps after
    /// they were changed from here.
    fn stamp(&self) -> BoxFuture<'_, Result<u64, StoreError>>;
}

/// What a store holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Documents by id.
    pub documents: Vec<(String, Value)>,
    /// Ids whose documents could not be read, and why not.
    pub broken: Vec<Problem>,
    /// Whether something could not be read for a reason that may pass without a change of any
    /// document, such as too many open files: then it is worth another look.
    pub may_pass: bool,
}

/// What a store holds under one id.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else")]
pub enum Stored {
    /// Nothing.
    Nothing,
    /// A document.
    Document(Value),
    /// Something that could not be read.
    Broken(Problem),
}

/// A stored document that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The id it is stored under.
    pub id: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Problem {
    /// A problem with what is stored under an id.
    pub fn new(id: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            reason: reason.into(),
        }
    }
}

/// A store that failed.
#[derive(Debug)]
pub struct StoreError(String);

impl StoreError {
    /// Says what failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the designs could not be stored or read: {}", self.0)
    }
}

impl std::error::Error for StoreError {}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Runs work that blocks where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(StoreError::new(error.to_string())))
}
