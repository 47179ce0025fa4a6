//! Changes on their way between replicas.

use super::Change;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is called with every change of a server.
pub(super) type Relay = dyn Fn(ChangeNotice) + Send + Sync;

/// Something of a server that changed, as replicas tell each other.
///
/// See [`Server::relay_changes`](crate::Server::relay_changes).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ChangeNotice {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The lists of resources and templates.
    Resources,
    /// The resource with this URI.
    Resource(Arc<str>),
}

impl From<Change<'_>> for ChangeNotice {
    fn from(change: Change<'_>) -> Self {
        match change {
            Change::Tools => Self::Tools,
            Change::Prompts => Self::Prompts,
            Change::Resources => Self::Resources,
            Change::Resource(uri) => Self::Resource(uri.clone()),
        }
    }
}

impl ChangeNotice {
    pub(crate) fn change(&self) -> Change<'_> {
        match self {
            Self::Tools => Change::Tools,
            Self::Prompts => Change::Prompts,
            Self::Resources => Change::Resources,
            Self::Resource(uri) => Change::Resource(uri),
        }
    }
}
